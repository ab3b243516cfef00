//! Texts of two authors on one topic.

use super::*;

/// Ten things, each explained by two who do not know of each other's text.
static PAIRS: [(&str, &str, &str); 10] = [
    (
        "vaccines",
        "A vaccine shows the immune system what an enemy looks like before the enemy arrives. It holds a dead or \
         weakened germ, or only a piece of one, and the body answers by making antibodies and memory cells. If the \
         real infection comes later, these cells recognise it and strike at once, so that we stay well or fall only \
         slightly ill. When enough people are protected the germ finds nobody to spread to, and even newborns and \
         the very sick are safe.",
        "Vaccination trains our defences without the danger of the disease. What is injected may be an inactivated \
         virus, a protein from its surface, or the instructions for making one. White blood cells learn to identify \
         it, and some of them remember for years. The usual side effects, a sore arm and a day of fever, are signs \
         that this learning is under way. Smallpox, which killed millions, was wiped out by vaccination, and polio \
         has nearly gone the same way.",
    ),
    (
        "volcanoes",
        "Volcanoes stand where molten rock finds a way to the surface. Most lie along the borders of the great \
         plates of the earth's crust, where one slides under another or two drift apart. Magma is lighter than the \
         rock around it and rises into a chamber. Gas dissolved in it works like the gas in a bottle that is shaken: \
         if the pressure falls suddenly, it foams and bursts out as ash and pumice. Thin magma with little gas flows \
         down quietly as lava.",
        "How violently a volcano erupts depends on what its magma is made of. Runny basalt, as on Hawaii, lets gas \
         escape and pours out in glowing rivers. Sticky magma rich in silica traps it until the mountain explodes, \
         as Vesuvius did, and hurls clouds of ash into the sky. Avalanches of hot gas and stones then race down the \
         slopes faster than any car. Yet people have always settled there, because weathered ash makes some of the \
         most fertile soils on earth.",
    ),
    (
        "heart",
        "The heart is a muscle about as large as a fist, and it beats some hundred thousand times a day. It is \
         really two pumps side by side. The right one takes used blood from the body and sends it to the lungs; the \
         left one receives it back, full of oxygen, and drives it through the arteries to every organ. Valves \
         between the chambers see to it that nothing flows backwards. A small knot of cells in the wall gives the \
         rhythm.",
        "Blood circulates because the heart never rests. In each beat the two atria contract first and fill the \
         ventricles below them, which then squeeze with far greater force. The left ventricle has the thicker wall, \
         since it must supply the whole body through the aorta, whereas the right only serves the lungs. The sounds \
         that a doctor hears are valves snapping shut. The muscle itself is fed by the coronary arteries, and when \
         one of these is blocked, a heart attack follows.",
    ),
    (
        "inflation",
        "Inflation means that money buys less than it did. Prices rise for many reasons: because people have more to \
         spend than there are goods, because oil or grain has become dear, or because everybody expects rises and \
         asks for higher wages in good time. A little of it does no harm and keeps people from hoarding cash. A \
         great deal of it eats up savings and makes planning impossible. The central bank fights it by raising \
         interest rates, so that borrowing and spending slow down.",
        "When the general level of prices goes up year after year, economists speak of inflation. They measure it \
         with a basket of goods and services that a typical household buys. Central banks aim for about two per \
         cent. If demand runs ahead of supply, or energy costs jump, the rate may climb far above that, and those \
         with fixed incomes and savings suffer most, while debtors gain. Higher interest rates make credit more \
         expensive and cool demand, at the risk of unemployment.",
    ),
    (
        "glaciers",
        "A glacier begins where more snow falls in winter than melts in summer. Year by year the layers press \
         together, first to grainy firn, then to blue ice, until the mass is so heavy that it starts to move \
         downhill, a few centimetres or some metres a day. On its way it plucks stones from the bed and grinds the \
         valley into the shape of a U. At the lower end it melts, and leaves the rubble behind in walls that are \
         called moraines.",
        "Ice seems solid, but under enough weight it flows. Glaciers form in high mountains and near the poles from \
         snow that is compressed over decades into ice. Gravity pulls them down the valley, faster in the middle \
         than at the sides, so that crevasses open. They carve lakes and fjords and carry boulders far into the \
         plain. Today nearly all of them are shrinking, because the melting of warmer summers exceeds the snowfall. \
         Rivers that they feed will have less water in late summer.",
    ),
    (
        "photosynthesis",
        "Green plants live on light. In their leaves they catch it with chlorophyll and use its energy to split \
         water; the oxygen goes out into the air, and the hydrogen is joined to carbon dioxide to make sugar. From \
         this sugar the plant builds everything else, starch, cellulose, oil and, with a little nitrogen from the \
         soil, protein. Nearly all animals depend on it in the end, for what they eat and for what they breathe.",
        "In photosynthesis the energy of sunlight is turned into chemical energy. The process takes place in the \
         chloroplasts of plant cells and has two stages. First pigments absorb light, water molecules are broken up \
         and oxygen is released. Then, in a cycle of reactions that needs no light, carbon dioxide from the air is \
         built into glucose. Tiny pores on the underside of the leaf let the gases in and out. Algae in the oceans \
         do as much of this work as all forests together.",
    ),
    (
        "revolution",
        "In 1789 the king of France was bankrupt and called the Estates General for the first time in generations. \
         The deputies of the third estate, who stood for nearly everybody and could be outvoted by clergy and \
         nobles, declared themselves the nation. Bread was dear, Paris rose and stormed the Bastille, and within \
         weeks the privileges of the nobility were gone. What began with the rights of man went on to a republic, \
         the execution of the king, and the Terror, and ended with a general named Bonaparte.",
        "The French Revolution had many causes: empty state coffers after costly wars, taxes that fell on peasants \
         and townsmen alone, bad harvests, and the ideas of the Enlightenment. The National Assembly abolished \
         feudal dues and proclaimed liberty and equality. War with Austria and Prussia made the movement more \
         radical. Louis XVI died under the guillotine in January 1793, and the Committee of Public Safety under \
         Robespierre sent thousands after him, until he fell himself. Napoleon's coup in 1799 closed the decade.",
    ),
    (
        "water",
        "The water that you drink has been drunk before. The sun lifts it from the sea as vapour, the wind carries \
         it over land, and where the air rises and cools it gathers into clouds and falls as rain or snow. Some of \
         it runs off in brooks and rivers, some sinks into the ground and comes up again in a spring, years or \
         centuries later, and trees breathe a great part of it back into the sky. Sooner or later all of it returns \
         to the sea.",
        "Water moves round the earth in an endless cycle that is driven by the sun. Evaporation from oceans, lakes \
         and soil, together with transpiration from plants, puts moisture into the atmosphere. As air cools at \
         height, this condenses on fine particles to form clouds, from which precipitation falls. On the ground it \
         collects in streams, seeps down to the groundwater or is stored for a time as ice. Rivers carry it back to \
         the ocean. Only a hundredth of the total is fresh water within our reach.",
    ),
    (
        "paper",
        "Old newspapers are worth more than they look. At the mill they are soaked and beaten to a grey porridge, \
         from which staples, glue and plastic are sieved. Soap and air bubbles float the ink off as a dirty foam. \
         The clean pulp runs on to a long sieve, loses its water between rollers and comes out at the other end as a \
         sheet. It can be done five or six times, then the fibres are too short, and fresh ones from wood must be \
         added.",
        "Recycling paper saves wood, water and energy. Waste paper is sorted by grade, pulped in warm water and \
         freed of foreign matter such as clips and adhesive. In the flotation tank printing ink sticks to bubbles \
         and is skimmed off. Depending on its use the stock is then bleached and pressed into new sheets. Because \
         the fibres become shorter with each round, a share of fresh cellulose is always needed. Receipts and greasy \
         pizza boxes do not belong in the bin.",
    ),
    (
        "sleep",
        "Every animal that has been watched closely sleeps in some way. Horses doze on their feet and lie down for \
         only an hour or so. Dolphins rest one half of the brain at a time, because they must come up to breathe, \
         and swifts do the same high in the air. Bats hang asleep for twenty hours of the day; giraffes manage on \
         two. The hunted sleep lightly and in snatches, the hunters long and without a care, as anybody knows who \
         has a cat.",
        "How long animals sleep depends on their size, their food and their enemies. Large plant eaters such as \
         elephants need many hours for grazing and sleep for three or four. Predators can afford more: lions spend \
         most of the day lying down. Some birds and whales let the two halves of the brain sleep in turn, with one \
         eye open. Even insects have periods in which they hardly react. What sleep is for is still disputed; \
         sorting memories and clearing waste from the brain are among the candidates.",
    ),
];

/// Which outputs are paid for, and to which accounts.
async fn paid_for(works: &Works, lines: &[Line<'_>]) -> Vec<(String, Vec<u8>)> {
    let all: Vec<usize> = (0..works.datasets.len()).collect();
    let found = works.attributed(works.recorded(lines).expect("recorded"), &all).await;
    let paid = found.outputs.into_iter().map(|output| {
        let scores = output.scores.into_iter().filter(|score| score.qualifies);
        (output.call_id, scores.map(|score| score.account[0]).collect::<Vec<u8>>())
    });
    paid.filter(|(_, accounts)| !accounts.is_empty()).collect()
}

/// Proves ATT-5 on the real model: of independent texts on one topic at most one in ten is paid for, where one of each
/// pair is registered and the other is an output; the registered ones themselves are, all ten. Before, eight of ten
/// pairs were paid; those texts were others.
#[tokio::test]
async fn independent_texts_on_a_topic_are_nobodys() {
    let slugs: Vec<String> = PAIRS.iter().map(|(topic, ..)| format!("{topic}/own")).collect();
    let texts: Vec<[&str; 1]> = PAIRS.iter().map(|(_, own, _)| [*own]).collect();
    let works: Vec<(&str, &[&str])> = slugs.iter().zip(&texts).map(|(slug, text)| (&slug[..], &text[..])).collect();
    let works = Works::of(&works).await;
    // Near they are: by version 1 of the metric all would be above 0.5.
    for (topic, own, other) in &PAIRS {
        let [own, other] = [own, other].map(|text| embedder().embed(text).expect("embedded"));
        assert!(embed::cosine(&own, &other) > 500_000, "{topic}");
    }
    let own: Vec<Line<'_>> = PAIRS.iter().map(|(topic, own, _)| line(topic, *own)).collect();
    let expected: Vec<(String, Vec<u8>)> =
        PAIRS.iter().zip(1..).map(|((topic, ..), account)| ((*topic).to_owned(), vec![account])).collect();
    assert_eq!(paid_for(&works, &own).await, expected);
    let others: Vec<Line<'_>> = PAIRS.iter().map(|(topic, _, other)| line(topic, *other)).collect();
    let found = paid_for(&works, &others).await;
    assert!(found.len() <= 1, "{found:?}");
}
