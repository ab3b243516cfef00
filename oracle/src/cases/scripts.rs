//! Quotes in other scripts, and what hides a quote.

use super::*;

/// A quote, another passage by nobody, and how many words the quote has: letters, where there are no spaces.
const TEXTS: [(&str, &str, &str); 6] = [
    (
        "chinese",
        "北风越过山岭吹进旧磨坊的窗户老人点起油灯把一封没有写完的信又读了一遍然后慢慢折好放回抽屉里",
        "新手机第一次开机时请先选择语言再连接无线网络设置密码之后就可以把旧手机里的资料传送过来",
    ),
    (
        "japanese",
        "古い水車小屋のそばで鷺が一羽じっと立っていて夕方の鐘が鳴るまで少しも動かなかったと祖母は話してくれた",
        "新しい電話を初めて使うときはまず言語を選び無線に接続し暗証番号を決めてから古い機器の資料を移してください",
    ),
    (
        "korean",
        "왜가리는 오래된 방앗간 옆 얕은 물에 서서 저녁 종이 울릴 때까지 움직이지 않았다 그리고 아무도 그 새를 다시 보지 못했다고 한다",
        "새 휴대전화를 처음 켤 때는 먼저 언어와 무선 연결을 고르고 비밀번호를 정한 다음 예전 기기에서 자료를 옮기면 된다고 설명서에 나온다",
    ),
    (
        "thai",
        "นกกระสายืนอยู่ในน้ำตื้นข้างโรงสีเก่าและไม่ขยับจนกระทั่งเสียงระฆังยามเย็นดังขึ้น",
        "วิธีทำแกงเขียวหวานไก่ต้องใช้กะทิสดและพริกแกงที่ตำใหม่ทุกครั้งก่อนปรุงอาหาร",
    ),
    (
        "arabic",
        "وقف مالك الحزين في الماء الضحل قرب الطاحونة القديمة ولم يتحرك حتى دق جرس المساء ثم طار فوق الحقول ولم يره أحد بعد ذلك اليوم",
        "عند تشغيل الهاتف الجديد أول مرة اختر اللغة ثم اتصل بالشبكة وضع كلمة سر قوية وبعد ذلك انقل بياناتك من الجهاز القديم خطوة خطوة",
    ),
    (
        "hindi",
        "बगुला पुरानी चक्की के पास उथले पानी में खड़ा रहा और शाम की घंटी बजने तक हिला नहीं फिर वह खेतों के ऊपर उड़ गया और किसी ने उसे दोबारा नहीं देखा",
        "नया फ़ोन पहली बार चालू करते समय पहले भाषा चुनें फिर नेटवर्क से जुड़ें और एक पासवर्ड रखें उसके बाद पुराने फ़ोन से अपनी जानकारी यहाँ ले आएँ",
    ),
];

/// A quote in another script is its creator's, word for word, and another text of the script is nobody's. Before,
/// unrelated Thai scored 0.885 and Korean 0.894, and 12,920 Chinese characters were one passage.
#[tokio::test]
async fn quotes_of_other_scripts_are_found_and_strangers_are_not() {
    let works: Vec<(&str, [&str; 1])> = TEXTS.iter().map(|(name, own, _)| (*name, [*own])).collect();
    let works: Vec<(&str, &[&str])> = works.iter().map(|(name, own)| (*name, &own[..])).collect();
    let works = Works::of(&works).await;
    for (number, (name, own, other)) in TEXTS.iter().enumerate() {
        let quote = Line { id: "quote", tokens: 50, text: (*own).into() };
        assert_eq!(works.paid(&[quote]).await, [(number as u8 + 1, 50)], "{name}");
        let stranger = Line { id: "stranger", tokens: 50, text: (*other).into() };
        assert_eq!(works.paid(&[stranger]).await, [], "{name}");
        let halves = Line { id: "halves", tokens: 50, text: format!("{other}\n{own}") };
        let paid = works.paid(&[halves]).await;
        assert!(matches!(paid[..], [(account, 15..=35)] if account == number as u8 + 1), "{name}: {paid:?}");
    }
}

/// A long text without spaces is read to its end: a quote of its last lines is found.
#[tokio::test]
async fn a_long_text_without_spaces_is_read_to_its_end() {
    // Of 12,920 characters, none like the line before or after it.
    let line_of = |number: usize| -> String {
        let letter = |at: usize| char::from_u32(0x4e00 + (number * 7_919 + at * 104_729) as u32 % 20_000);
        (0..38).filter_map(letter).collect()
    };
    let text: String = (0..340).map(line_of).collect();
    assert_eq!(text.chars().count(), 12_920);
    let works = Works::of(&[("long/chinese", &[text])]).await;
    for from in [0, 170, 338] {
        let quote = Line { id: "quote", tokens: 76, text: (from..from + 2).map(line_of).collect() };
        assert_eq!(works.paid(&[quote]).await, [(1, 76)], "{from}");
    }
}

/// Proves ATT-12: what nobody sees, what looks the same and what is only laid out otherwise hides no quote.
#[tokio::test]
async fn no_dress_hides_a_quote() {
    let works = Works::of(&[("melville/moby", &[words(MOBY, 0, 500)])]).await;
    let quote = words(MOBY, 100, 60);
    for (id, text) in [
        ("zero width", quote.replace("th", "t\u{200b}h").replace('e', "e\u{2060}")),
        ("variation", quote.replace('n', "n\u{fe0f}")),
        ("tags", quote.replace('s', "s\u{e0061}")),
        ("cyrillic", quote.replace('e', "\u{435}").replace('p', "\u{440}").replace('c', "\u{441}")),
        (
            "full width",
            quote
                .chars()
                .map(|c| if c.is_ascii_lowercase() { char::from_u32(c as u32 + 0xfee0).unwrap_or(c) } else { c })
                .collect(),
        ),
        ("mathematical", quote.replace('a', "\u{1d41a}").replace('t', "\u{1d42d}")),
        ("spaced", quote.split(' ').map(|word| spaced(word, 4)).collect::<Vec<_>>().join("   ")),
        ("marks", quote.replace('o', "o\u{336}")),
        ("lines", quote.replace(' ', "\r\n")),
        ("bars", quote.replace(' ', " | ")),
    ] {
        let paid = works.paid(&[Line { id, tokens: 80, text }]).await;
        assert!(matches!(paid[..], [(1, 76..=80)]), "{id}: {paid:?}");
    }
}

/// A word's letters with a space between, if it has so many, and nothing else.
fn spaced(word: &str, least: usize) -> String {
    match word.len() >= least && word.chars().all(|letter| letter.is_ascii_alphabetic()) {
        true => word.chars().map(String::from).collect::<Vec<_>>().join(" "),
        false => word.to_owned(),
    }
}

/// The same where short words are spaced apart, too.
#[tokio::test]
#[ignore = "not so yet: the metric joins four single letters and more, so a quote of short words spaced apart is missed"]
async fn short_words_spaced_apart_hide_no_quote() {
    let works = Works::of(&[("melville/moby", &[words(MOBY, 0, 500)])]).await;
    let quote = words(MOBY, 100, 60);
    let text = quote.split(' ').map(|word| spaced(word, 2)).collect::<Vec<_>>().join("   ");
    let paid = works.paid(&[Line { id: "spaced", tokens: 80, text }]).await;
    assert!(matches!(paid[..], [(1, 70..=80)]), "{paid:?}");
}
