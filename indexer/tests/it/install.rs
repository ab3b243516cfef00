//! `scripts/install`: what it puts where, and that it takes all of it away again.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

/// A stand-in that answers what the script asks of a program.
const STAND_IN: &str = r##"#!/bin/sh
case $1 in
  completions) echo "# $2 completions of a stand-in" ;;
  man) echo ".TH stand-in 1" >"$2/yieldset-oracle.1"; echo ".TH stand-in-serve 1" >"$2/yieldset-oracle-serve.1" ;;
  --version) echo "yieldset-oracle 0.0.0" ;;
esac
"##;

/// A folder with the programs and a prefix: the indexer itself, and stand-ins for the others.
struct Site {
    folder: TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(site.path("programs")).unwrap();
        site.program("yieldset-oracle", STAND_IN);
        site.program("yieldset", &STAND_IN.replace("yieldset-oracle", "yieldset"));
        let indexer = env!("CARGO_BIN_EXE_yieldset-indexer");
        site.program("yieldset-indexer", &format!("#!/bin/sh\nexec '{indexer}' \"$@\"\n"));
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self, name: &str, text: &str) {
        let file = self.path("programs").join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs the script for the prefix `prefix`.
    fn run(&self, arguments: &[&str]) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/install");
        let mut command = Command::new(script);
        command.env("TMPDIR", self.folder.path()).env_remove("DESTDIR");
        command.arg("--prefix").arg(self.path("prefix")).args(arguments).output().unwrap()
    }

    fn install(&self) -> Output {
        let programs = self.path("programs");
        self.run(&["--from", programs.to_str().unwrap()])
    }

    /// Every file below the prefix: its mode and content.
    fn files(&self) -> BTreeMap<String, (u32, String)> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.path("prefix")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(self.path("prefix")).unwrap().display().to_string();
                let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
                files.insert(name, (mode, fs::read_to_string(&path).unwrap()));
            }
        }
        files
    }
}

fn succeeded(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Programs, completions, man pages and units lie where they are looked for; again gives the same; what a newer version
/// no longer has goes; removing leaves what is not ours.
#[test]
fn what_is_installed_goes_again() {
    let site = Site::new();
    fs::create_dir_all(site.path("prefix/bin")).unwrap();
    fs::write(site.path("prefix/bin/foreign"), "not ours").unwrap();
    succeeded(&site.install());
    let installed = site.files();
    for (name, mode, text) in [
        ("bin/yieldset-indexer", 0o755, "exec "),
        ("bin/yieldset-oracle", 0o755, "stand-in"),
        ("share/bash-completion/completions/yieldset-indexer", 0o644, "complete -F _yieldset"),
        ("share/zsh/site-functions/_yieldset-indexer", 0o644, "#compdef yieldset-indexer"),
        ("share/fish/vendor_completions.d/yieldset-indexer.fish", 0o644, "complete -c yieldset-indexer"),
        ("share/fish/vendor_completions.d/yieldset-oracle.fish", 0o644, "fish completions"),
        ("share/man/man1/yieldset-indexer.1", 0o644, "yieldset\\-indexer"),
        ("share/man/man1/yieldset-indexer-run.1", 0o644, "node\\-url"),
        ("share/man/man1/yieldset-oracle-serve.1", 0o644, "stand-in-serve"),
        // In the unit itself: a unit that is linked has no drop-in of the folder that it lies in.
        ("lib/systemd/system/yieldset-indexer.service", 0o644, "\nDynamicUser=yes\n"),
        ("lib/systemd/system/yieldset-oracle.service", 0o644, "\nProtectSystem=strict\n"),
        ("lib/systemd/system/yieldset-indexer.service", 0o644, "/prefix/bin/yieldset-indexer run --serve\n"),
        ("lib/systemd/system/yieldset-indexer-serve.service", 0o644, "/prefix/bin/yieldset-indexer serve\n"),
        ("lib/systemd/system/yieldset-indexer-serve.service", 0o644, "\nDynamicUser=yes\n"),
        ("lib/systemd/system/yieldset-oracle.service", 0o644, "/prefix/bin/yieldset-oracle serve"),
        ("lib/systemd/system/yieldset-indexer.service", 0o644, "\nLimitNOFILE=4096\n"),
        ("lib/systemd/system/yieldset-indexer.service", 0o644, "\nMemoryMax=4G\n"),
        ("lib/systemd/system/yieldset-oracle.service", 0o644, "\nLimitNOFILE=4096\n"),
        ("lib/systemd/system/yieldset-oracle.service", 0o644, "\nMemoryMax=4G\n"),
    ] {
        let (got_mode, got_text) = installed.get(name).unwrap_or_else(|| panic!("{name} is missing: {installed:?}"));
        assert_eq!(*got_mode, mode, "{name}");
        assert!(got_text.contains(text), "{name} lacks {text:?}: {got_text}");
        assert!(!["@bin@", "@target@"].iter().any(|gap| got_text.contains(gap)), "{name} has a gap: {got_text}");
    }
    succeeded(&site.install());
    assert_eq!(site.files(), installed, "the second time changes nothing");

    let newer = STAND_IN.replace("; echo \".TH stand-in-serve 1\" >\"$2/yieldset-oracle-serve.1\"", "");
    site.program("yieldset-oracle", &newer);
    succeeded(&site.install());
    let upgraded = site.files();
    let gone: Vec<_> = installed.keys().filter(|name| !upgraded.contains_key(*name)).collect();
    assert_eq!(gone, ["share/man/man1/yieldset-oracle-serve.1"]);

    succeeded(&site.run(&["--uninstall"]));
    assert_eq!(site.files().into_keys().collect::<Vec<_>>(), ["bin/foreign"]);
    let again = site.run(&["--uninstall"]);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("nothing is installed"));
}

/// A program that cannot say what it takes is not installed, and what was there before stays as it was.
#[test]
fn a_failure_changes_nothing() {
    let site = Site::new();
    succeeded(&site.install());
    let before = site.files();
    site.program("yieldset-indexer", "#!/bin/sh\n[ \"$1\" != man ]\n");
    assert!(!site.install().status.success());
    assert_eq!(site.files(), before);
    let left: Vec<_> = fs::read_dir(site.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "nothing is left lying about beside programs and prefix: {left:?}");
}

/// What an earlier run is said to have installed is removed only where it is a file that this script installs; the rest
/// is told, and stops neither removing nor installing.
#[test]
fn a_list_can_have_nothing_removed_that_is_not_ours() {
    for arguments in [&["--uninstall"][..], &[]] {
        let site = Site::new();
        succeeded(&site.install());
        let kept = ["precious", "prefix/bin/other", "prefix/bin/yieldset-x/y", "prefix/share/yieldset-precious"];
        for name in kept {
            fs::create_dir_all(site.path(name).parent().unwrap()).unwrap();
            fs::write(site.path(name), "kept").unwrap();
        }
        let list = site.path("prefix/share/yieldset/installed");
        let names = "../precious\nbin/other\nbin/yieldset-x/y\nshare/yieldset-precious\n\nbin/yieldset-old\n";
        fs::write(&list, names).unwrap();
        fs::write(site.path("prefix/bin/yieldset-old"), "old").unwrap();
        let output = if arguments.is_empty() { site.install() } else { site.run(arguments) };
        succeeded(&output);
        assert!(String::from_utf8_lossy(&output.stderr).contains("names '../precious', no file of ours"));
        assert!(kept.iter().all(|name| site.path(name).exists()));
        assert!(!site.path("prefix/bin/yieldset-old").exists());
    }
}

/// As root, where others can change a folder or lead it elsewhere, nothing is read, written or removed through it.
#[test]
fn root_goes_through_no_folder_of_others() {
    let site = Site::new();
    if site.folder.path().metadata().unwrap().uid() != 0 {
        return;
    }
    let refused = |output: &Output, why: &str| {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(why) && !said.contains("secret"), "{said}");
    };
    succeeded(&site.install());
    let (bin, away) = (site.path("prefix/bin"), site.path("away"));
    fs::rename(&bin, &away).unwrap();
    symlink(&away, &bin).unwrap();
    let before = fs::read(away.join("yieldset-oracle")).unwrap();
    site.program("yieldset-oracle", &STAND_IN.replace("0.0.0", "0.0.1"));
    refused(&site.install(), "is a link");
    refused(&site.run(&["--uninstall"]), "is a link");
    assert_eq!(fs::read(away.join("yieldset-oracle")).unwrap(), before);
    fs::remove_file(&bin).unwrap();
    fs::rename(&away, &bin).unwrap();

    for folder in ["prefix/bin", "prefix"] {
        fs::set_permissions(site.path(folder), fs::Permissions::from_mode(0o775)).unwrap();
        refused(&site.install(), "chmod go-w");
        fs::set_permissions(site.path(folder), fs::Permissions::from_mode(0o755)).unwrap();
        chown(site.path(folder), Some(65534), None).unwrap();
        refused(&site.install(), "is of user 65534");
        chown(site.path(folder), Some(0), None).unwrap();
    }

    let list = site.path("prefix/share/yieldset/installed");
    fs::remove_file(&list).unwrap();
    fs::write(site.path("secret"), "the secret\n").unwrap();
    symlink(site.path("secret"), &list).unwrap();
    refused(&site.install(), "look at it");
    refused(&site.run(&["--uninstall"]), "look at it");
    assert!(site.path("prefix/bin/yieldset-oracle").exists());
}

/// Folders are meant from where the script is called, whatever the caller's shell looks up or its folders are named.
#[test]
fn a_caller_s_surroundings_change_nothing() {
    let site = Site::new();
    let work = site.path("it's work");
    fs::create_dir(&work).unwrap();
    // Where `cd scripts/..` would go.
    fs::create_dir_all(site.path("elsewhere/scripts")).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let to_site = "../".repeat(root.components().count() - 1) + site.folder.path().to_str().unwrap();
    let mut command = Command::new("bash");
    command.current_dir(&root).env("TMPDIR", &work).env("CDPATH", site.path("elsewhere"));
    command.env("DESTDIR", format!("{to_site}/package"));
    command.args(["scripts/install", "--prefix", "/opt/x", "--from", &format!("{to_site}/programs")]);
    succeeded(&command.output().unwrap());
    assert!(site.path("package/opt/x/bin/yieldset-indexer").is_file());
    assert_eq!(fs::read_dir(&work).unwrap().count(), 0, "the work folder is removed");
}

/// The units are ones that systemd understands, where it is there to ask.
#[test]
fn systemd_understands_the_units() {
    let there = Command::new("systemd-analyze").arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        return;
    }
    let site = Site::new();
    succeeded(&site.install());
    let folder = site.path("prefix/lib/systemd/system");
    let units = ["yieldset-oracle", "yieldset-witness", "yieldset-indexer", "yieldset-indexer-serve"];
    let units = units.map(|unit| folder.join(format!("{unit}.service")));
    let mut verify = Command::new("systemd-analyze");
    // The empty entry at the end: beside systemd's own units.
    verify.env("SYSTEMD_UNIT_PATH", format!("{}:", folder.display())).args(["verify", "--man=no"]).args(units);
    let output = verify.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    // It also tells about other units of this machine.
    let ours: Vec<_> = said.lines().filter(|line| line.contains("yieldset-")).collect();
    assert!(ours.is_empty(), "{said}");
}

/// `yieldset-indexer openapi | head -1`: a reader that has read enough is no failure, and no panic.
#[test]
fn a_reader_may_stop_reading() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_yieldset-indexer"))
        .arg("openapi")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(program.stdout.take());
    let ended = program.wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}
