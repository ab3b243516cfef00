//! The oracle's command line and files, as the demo uses them.

use std::{
    path::{Path, PathBuf},
    process::ExitStatus,
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use yieldset_chain::{Address, B256, U256};

use super::cast::{Cast, Creator};
use super::children::{Children, Ready};
use super::story::UNKNOWN;
use super::text;

/// The platform's name.
pub const PLATFORM: &str = "lumen";
/// The model version, which is also the stream's slug.
pub const MODEL: &str = "lumen/lumen-1";
/// The quarter everything happens in.
pub const PERIOD: &str = "2026Q4";
/// The usage log's name.
pub const ORIGIN: &str = "lumen.example/usage";
/// Its witness's name.
const WITNESS: &str = "witness.example/w1";
/// The oracle's program.
pub const PROGRAM: &str = "yieldset-oracle";
/// Files of the licence's quarter: its attribution, and the calls that were drawn and opened of it.
const ATTRIBUTION: &str = "licence-attribution.json";
const DRAW: &str = "draw.json";
/// What the platform opens to the committee.
pub const OPENING: &str = "opening.json";
/// What came of it.
pub const SPOT: &str = "spot.json";
/// How many files [`split_outputs`] makes for the demo.
pub const BATCHES: usize = 2;
/// How `verify` ends where nothing is wrong and something was not shown.
const NOT_ALL_SHOWN: i32 = 3;
/// The platform's development account. It posts reports, too: whoever does, the signatures decide.
const SIGNER: &str = "//Alice//yieldset//lumen";

/// What `yieldset-oracle manifest` prints.
#[derive(Debug, Deserialize)]
pub struct Manifest {
    /// SHA-256 of the dataset's slug.
    pub label: B256,
    /// The dataset's id, of its registrant and the label.
    pub dataset_id: B256,
    /// SHA-256 of ro-crate-metadata.json.
    pub manifest_hash: B256,
    /// SHA-256 of the licence.
    pub licence_hash: B256,
}

/// A contributor's part in the settlement.
#[derive(Debug, Clone)]
pub struct Contributor {
    /// Who is paid.
    pub account: Address,
    /// In parts of 10^18.
    pub weight: U256,
    /// Merkle proof of (account, weight) against the report's root.
    pub proof: Vec<B256>,
}

/// Public keys of whoever signs for the usage log.
#[derive(Debug, Clone, Copy)]
pub struct LogKeys {
    /// The platform that writes to it.
    pub platform: B256,
    /// The log's own.
    pub log: B256,
    /// Its witness's.
    pub witness: B256,
}

/// Makes a log of the real one's name that another key signs, with a witness of the forger's own: the real one does not
/// cosign for that key. Both run until it is cosigned.
pub async fn forge(children: &mut Children, folder: &Path) -> Result<()> {
    let oracle = Oracle { children, folder };
    let (log, witness) = (oracle.keygen("forged-log.key").await?, oracle.keygen("forged-witness.key").await?);
    oracle.log_init_by("forged-log", ("forged-log.key", log), ("forged-witness", witness)).await?;
    let url = start_witness(children, folder, "forged-witness").await?.url;
    start_log(children, folder, ("forged-log", "forged-log"), &url).await?;
    for name in ["forged-log", "forged-witness"] {
        children.crash(name).await?;
    }
    Ok(())
}

/// A witness, with the key and the memory of its name.
pub async fn start_witness(children: &mut Children, folder: &Path, name: &str) -> Result<Ready> {
    let (key, memory) = (folder.join(format!("{name}.key")), folder.join(name));
    let files = ["--key", text(&key)?, "--memory", text(&memory)?];
    let arguments = ["witness", "--name", WITNESS, "--listen", "127.0.0.1:0"];
    children.start(name, PROGRAM, &[&arguments[..], &files].concat()).await
}

/// The service of a log, by its own name and that of folder and key, with its witness at an address.
pub async fn start_log(
    children: &mut Children,
    folder: &Path,
    (name, files): (&str, &str),
    witness: &str,
) -> Result<Ready> {
    let [log, platforms, key] = [files, "platforms.json", &format!("{files}.key")].map(|name| folder.join(name));
    let files = ["--log-dir", text(&log)?, "--platforms", text(&platforms)?, "--key", text(&key)?];
    let arguments = ["serve", "--witness", witness, "--listen", "127.0.0.1:0"];
    children.start(name, PROGRAM, &[&arguments[..], &files].concat()).await
}

/// Files of the run and the oracle's tools on them.
pub struct Oracle<'a> {
    /// Starts the programs.
    pub children: &'a Children,
    /// The run's folder.
    pub folder: &'a Path,
}

impl Oracle<'_> {
    /// A path in the run's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Makes a key file and gives its public key.
    pub async fn keygen(&self, name: &str) -> Result<B256> {
        let file = self.path(name);
        let printed = self.children.tool(PROGRAM, &["keygen", text(&file)?]).await?;
        let public = printed.split_whitespace().last().context("keygen printed nothing")?;
        public.parse().with_context(|| format!("keygen printed {public:?}, not a public key"))
    }

    /// Writes a creator's manifest.
    pub async fn manifest(&self, creator: &Creator) -> Result<Manifest> {
        self.manifest_for(creator, creator.account.address(), &creator.file.slug).await
    }

    /// Writes a manifest of a creator's texts that names an account, into a folder of the manifests'.
    pub async fn manifest_for(&self, creator: &Creator, account: Address, folder: &str) -> Result<Manifest> {
        let out = self.path("manifests").join(folder);
        std::fs::create_dir_all(self.path("manifests"))?;
        let description = creator.folder.join("creator.json");
        let account = account.to_string();
        let arguments = [
            "manifest",
            text(&creator.folder)?,
            "--creator",
            text(&description)?,
            "--account",
            &account,
            "--spdx",
            &creator.file.licence,
            "--out",
            text(&out)?,
        ];
        let printed = self.children.tool(PROGRAM, &arguments).await?;
        serde_json::from_str(&printed).with_context(|| format!("manifest printed {printed:?}"))
    }

    /// Makes the usage log and the list of platforms that may write to it, and has the witness watch it.
    pub async fn log_init(&self, keys: &LogKeys) -> Result<()> {
        let platform = json!([{"slug": PLATFORM, "public_key": hex::encode(keys.platform), "models": [MODEL]}]);
        self.children.script().file(&self.path("platforms.json"), &serde_json::to_string_pretty(&platform)?)?;
        self.log_init_by("log", ("log.key", keys.log), ("witness", keys.witness)).await
    }

    /// An empty log of that name, which this key signs and this witness cosigns; its memory is a folder of its name.
    async fn log_init_by(&self, folder: &str, key: (&str, B256), witness: (&str, B256)) -> Result<()> {
        let (log, file, memory) = (self.path(folder), self.path(key.0), self.path(witness.0));
        let (named, known) = (format!("{WITNESS}={}", witness.1), format!("{ORIGIN}={}", key.1));
        let init = ["log-init", "--dir", text(&log)?, "--origin", ORIGIN, "--key", text(&file)?, "--witness", &named];
        self.children.tool(PROGRAM, &init).await?;
        let watch = ["witness-init", "--memory", text(&memory)?, "--log", &known];
        self.children.tool(PROGRAM, &watch).await.map(|_| ())
    }

    /// The platform's side: records made of outputs, signed with `key`, posted. Gives what the service answered, or why
    /// it refused.
    pub async fn record(&self, outputs: &Path, key: &str, batch: &str, url: &str) -> Result<Result<String, String>> {
        self.send("--outputs", outputs, key, batch, url).await
    }

    /// The same of a training run that began at this time (Unix seconds) and took an hour.
    pub async fn record_run(&self, id: &str, began: u64, read: &[B256], batch: &str, url: &str) -> Result<()> {
        let datasets: Vec<Value> =
            read.iter().map(|manifest| json!({"manifest_hash": manifest, "epochs": 1, "tokens": 1})).collect();
        let mut run = json!({
            "run_id": id, "started": rfc3339(began)?, "ended": rfc3339(began + 3_600)?, "datasets": datasets,
        });
        // Nobody here has what it read.
        if read.contains(&UNKNOWN) {
            run["ingestion_digest"] = json!(B256::repeat_byte(1));
        }
        let file = self.path(&format!("{id}.jsonl"));
        self.children.script().file(&file, &(run.to_string() + "\n"))?;
        self.send("--training-runs", &file, "platform.key", batch, url).await?.map(|_| ()).map_err(anyhow::Error::msg)
    }

    async fn send(&self, what: &str, file: &Path, key: &str, batch: &str, url: &str) -> Result<Result<String, String>> {
        let (key, manifests) = (self.path(key), self.path("manifests"));
        let read = ["--manifests", text(&manifests)?];
        let arguments = [
            "record",
            "--platform-slug",
            PLATFORM,
            "--model",
            MODEL,
            what,
            text(file)?,
            "--key",
            text(&key)?,
            "--batch-id",
            batch,
            "--log-url",
            url,
        ];
        let arguments = [&arguments[..], if what == "--training-runs" { &read } else { &[] }].concat();
        let (status, stdout, stderr) = self.children.try_tool(PROGRAM, &arguments).await?;
        Ok(if status.success() { Ok(stdout) } else { Err(stderr) })
    }

    /// Scores the quarter's outputs, against what the chain's registry counts. Gives the dataset versions that are left
    /// out, with the reasons.
    pub async fn attribute(&self, node: &str) -> Result<Vec<(B256, String)>> {
        let printed = self.attribute_in(PERIOD, node, "attribution.json", &[]).await?;
        ensure!(printed["late_records"] == 0, "nothing is late in a stream's first report: {printed}");
        let left_out = printed["left_out"].as_array().context("attribute tells what it leaves out")?;
        let one = |one: &Value| -> Result<(B256, String)> {
            let reason = one["reason"].as_str().context("a reason")?.to_owned();
            Ok((serde_json::from_value(one["manifest_hash"].clone())?, reason))
        };
        left_out.iter().map(one).collect()
    }

    /// The same of a quarter, into a file of the run's folder; gives what was printed.
    pub async fn attribute_in(&self, period: &str, node: &str, out: &str, more: &[&str]) -> Result<Value> {
        let printed = self.try_attribute("log", period, node, out, more).await?.map_err(anyhow::Error::msg)?;
        Ok(serde_json::from_str(&printed)?)
    }

    /// The same by a log in another folder. Gives what was printed, or why it was refused.
    async fn try_attribute(
        &self,
        log: &str,
        period: &str,
        node: &str,
        out: &str,
        more: &[&str],
    ) -> Result<Result<String, String>> {
        let (log, manifests, out) = (self.path(log), self.path("manifests"), self.path(out));
        let deployment = self.path("deployment.json");
        let arguments = [
            "attribute",
            "--log-dir",
            text(&log)?,
            "--manifests",
            text(&manifests)?,
            "--model",
            MODEL,
            "--period",
            period,
            "--node-url",
            node,
            "--deployment",
            text(&deployment)?,
            "--out",
            text(&out)?,
        ];
        let (status, stdout, stderr) = self.children.try_tool(PROGRAM, &[&arguments[..], more].concat()).await?;
        Ok(if status.success() { Ok(stdout) } else { Err(stderr) })
    }

    /// Scores the quarter's outputs for a licence, whose platform's keys on chain must have signed the log; the
    /// embeddings were checked before.
    pub async fn attribute_for_licence(&self, node: &str, licence: B256) -> Result<()> {
        let more = ["--licence", &licence.to_string(), "--skip-embedding-check"];
        self.attribute_in(PERIOD, node, ATTRIBUTION, &more).await.map(|_| ())
    }

    /// One round of the platform's keeper, which looks after anchors of the log alone. Gives what it printed.
    pub async fn anchor(&self, node: &str) -> Result<Value> {
        let [deployment, state, log, manifests] =
            ["deployment.json", "keeper.json", "log", "manifests"].map(|name| self.path(name));
        let files = ["--deployment", text(&deployment)?, "--state", text(&state)?, "--log-dir", text(&log)?];
        let arguments = ["keeper", "--manifests", text(&manifests)?, "--model", MODEL, "--only", "anchor", "--once"];
        let by = ["--from", SIGNER, "--node-url", node];
        let printed = self.children.tool(PROGRAM, &[&arguments[..], &files, &by].concat()).await?;
        Ok(serde_json::from_str(&printed)?)
    }

    /// Draws calls of the licence's quarter, by the block after the one that has its checkpoint's anchor. Gives what
    /// was printed, or why it was refused.
    pub async fn spot_draw(&self, node: &str, licence: B256) -> Result<Result<Value, String>> {
        let (attribution, deployment, out) = (self.path(ATTRIBUTION), self.path("deployment.json"), self.path(DRAW));
        let licence = licence.to_string();
        let files = ["--attribution", text(&attribution)?, "--deployment", text(&deployment)?, "--out", text(&out)?];
        let arguments = ["spot-draw", "--licence", &licence, "--node-url", node];
        let (status, stdout, stderr) = self.children.try_tool(PROGRAM, &[&arguments[..], &files].concat()).await?;
        Ok(if status.success() { Ok(serde_json::from_str(&stdout)?) } else { Err(stderr) })
    }

    /// The platform's side: opens the drawn calls, from the files of its outputs.
    pub async fn spot_open(&self, outputs: &[PathBuf]) -> Result<()> {
        let (draw, key, out) = (self.path(DRAW), self.path("platform.key"), self.path(OPENING));
        let log = self.path("log");
        let mut arguments =
            vec!["spot-open", "--draw", text(&draw)?, "--platform-slug", PLATFORM, "--key", text(&key)?];
        arguments.extend(["--log-dir", text(&log)?]);
        for file in outputs {
            arguments.extend(["--outputs", text(file)?]);
        }
        arguments.extend(["--out", text(&out)?]);
        self.children.tool(PROGRAM, &arguments).await.map(|_| ())
    }

    /// The committee's side: works out again what the platform opened; without, it has refused. Gives what came of it,
    /// or why it was refused.
    pub async fn spot_check(&self, opening: Option<&str>, out: &str) -> Result<Result<Value, String>> {
        let [draw, attribution, log, out] = [DRAW, ATTRIBUTION, "log", out].map(|name| self.path(name));
        let opening = opening.map(|name| self.path(name));
        let mut arguments = vec!["spot-check", "--draw", text(&draw)?, "--attribution", text(&attribution)?];
        arguments.extend(["--log-dir", text(&log)?, "--out", text(&out)?]);
        if let Some(opening) = &opening {
            arguments.extend(["--opening", text(opening)?]);
        }
        let (status, stdout, stderr) = self.children.try_tool(PROGRAM, &arguments).await?;
        Ok(if status.success() { Ok(serde_json::from_str(&stdout)?) } else { Err(stderr) })
    }

    /// A copy of the opening in which one text is another than the platform signed.
    pub fn tamper_with_opening(&self, out: &str) -> Result<()> {
        let mut opening = read_json(&self.path(OPENING))?;
        opening["calls"][0]["text"] = json!("What the model never wrote.");
        self.children.script().file(&self.path(out), &opening.to_string())
    }

    /// The licence's settlement, with what came of its spot check.
    pub async fn settle_for_licence(&self) -> Result<()> {
        let spot = self.path(SPOT);
        self.settle_into(ATTRIBUTION, "licence-settlement.json", &["--spot", text(&spot)?]).await.map(|_| ())
    }

    /// The same by a log of the same name that another key signs, which [`forge`] made. Gives why it was refused.
    pub async fn attribute_by_another_log(&self, node: &str, licence: B256) -> Result<String> {
        let more = ["--licence", &licence.to_string(), "--skip-embedding-check"];
        match self.try_attribute("forged-log", PERIOD, node, "forged-attribution.json", &more).await? {
            Ok(printed) => bail!("a log that another key signs was taken for the licence's: {printed}"),
            Err(why) => Ok(why),
        }
    }

    /// Integer weights and their Merkle tree.
    pub async fn settle(&self) -> Result<Vec<Contributor>> {
        self.settle_into("attribution.json", "settlement.json", &[]).await
    }

    async fn settle_into(&self, attribution: &str, settlement: &str, more: &[&str]) -> Result<Vec<Contributor>> {
        let (attribution, out) = (self.path(attribution), self.path(settlement));
        let arguments = ["settle", "--attribution", text(&attribution)?, "--out", text(&out)?];
        self.children.tool(PROGRAM, &[&arguments[..], more].concat()).await?;
        contributors(&read_json(&out)?)
    }

    /// Has two of three members sign, each by itself, and posts.
    pub async fn post(&self, node: &str) -> Result<String> {
        self.sign(node, "settlement.json", &[]).await?;
        self.post_signed(node).await
    }

    /// Posts with the signatures that are there.
    pub async fn post_signed(&self, node: &str) -> Result<String> {
        let arguments = self.post_arguments(node)?;
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        self.children.tool(PROGRAM, &arguments).await
    }

    /// Posts a licence's settlement, and checks that report: by itself, and against the chain, which says whose key
    /// signs the log. Gives what was checked.
    pub async fn post_for_licence(&self, node: &str, licence: B256) -> Result<String> {
        let id = licence.to_string();
        let spot = self.path(SPOT);
        self.sign(node, "licence-settlement.json", &["--licence", &id, "--spot", text(&spot)?]).await?;
        let mut arguments = self.post_arguments(node)?;
        for (flag, file) in [("--settlement", "licence-settlement.json"), ("--out", "licence-report.json")] {
            let at = arguments.iter().position(|argument| argument == flag).with_context(|| format!("no {flag}"))?;
            arguments[at + 1] = text(&self.path(file))?.to_owned();
        }
        let licence = licence.to_string();
        arguments.extend(["--licence".to_owned(), licence.clone()]);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        self.children.tool(PROGRAM, &arguments).await?;
        self.check_with(node, "licence-report.json", &["--licence", &licence]).await
    }

    /// Has the pool keep the root of a stream's final report, of the model's or of a licence of it. Gives what came of
    /// it, in words.
    pub async fn keep_root(&self, node: &str, licence: Option<B256>) -> Result<String> {
        let (deployment, licence) = (self.path("deployment.json"), licence.map(|licence| licence.to_string()));
        let mut arguments = vec!["keep-root", "--deployment", text(&deployment)?, "--stream", MODEL];
        arguments.extend(["--period", PERIOD, "--from", SIGNER, "--node-url", node]);
        if let Some(licence) = &licence {
            arguments.extend(["--licence", licence]);
        }
        let printed: Value = serde_json::from_str(&self.children.tool(PROGRAM, &arguments).await?)?;
        Ok(printed["status"].as_str().context("a status")?.to_owned())
    }

    /// Has two members work a settlement out anew and sign it, each in a process of its own with its own key.
    pub async fn sign(&self, node: &str, settlement: &str, more: &[&str]) -> Result<()> {
        for member in 1..=2 {
            let arguments = self.sign_arguments(node, settlement, member)?;
            let arguments: Vec<_> = arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
            self.children.tool(PROGRAM, &arguments).await?;
        }
        Ok(())
    }

    /// The command line by which a member signs.
    pub fn sign_arguments(&self, node: &str, settlement: &str, member: usize) -> Result<Vec<String>> {
        let (key, out) = (format!("committee-{member}.key"), format!("signatures/{member}.json"));
        let mut arguments = vec!["sign".to_owned()];
        let files = [
            ("--settlement", settlement),
            ("--deployment", "deployment.json"),
            ("--log-dir", "log"),
            ("--manifests", "manifests"),
            ("--key", &key),
            ("--out", &out),
        ];
        for (flag, file) in files {
            arguments.extend([flag.to_owned(), text(&self.path(file))?.to_owned()]);
        }
        arguments.extend(["--stream", MODEL, "--node-url", node].map(str::to_owned));
        Ok(arguments)
    }

    /// The command line of [`Self::post`], for a test that interrupts it.
    pub fn post_arguments(&self, node: &str) -> Result<Vec<String>> {
        let mut arguments = vec!["post".to_owned()];
        let files = [
            ("--settlement", "settlement.json"),
            ("--deployment", "deployment.json"),
            ("--signatures", "signatures"),
            ("--outbox", "outbox"),
            ("--out", "report.json"),
        ];
        for (flag, file) in files {
            arguments.extend([flag.to_owned(), text(&self.path(file))?.to_owned()]);
        }
        for (flag, value) in [("--stream", MODEL), ("--from", SIGNER), ("--node-url", node)] {
            arguments.extend([flag.to_owned(), value.to_owned()]);
        }
        Ok(arguments)
    }

    /// Checks the report against log and manifests, offline and by nobody's keys: nothing is wrong, and what was not
    /// shown is said.
    pub async fn verify(&self) -> Result<String> {
        let (status, printed, why) = self.check(&self.path("report.json"), &[]).await?;
        ensure!(status.code() == Some(NOT_ALL_SHOWN), "verify ended with {status}: {printed}{why}");
        ensure!(printed.contains("NOT SHOWN") && !printed.contains("holds"), "verify believed the files: {printed}");
        Ok(printed)
    }

    /// The same without a node, by the proof that was saved when the report was posted, of a block that the reader
    /// knows: registry, report and committee are shown, and another block's proof is refused.
    pub async fn verify_by_proof(&self) -> Result<String> {
        let (proof, mut pins) = (self.path("report.proof.json"), self.pins()?);
        pins["block"] = read_json(&proof)?["block_hash"].take();
        let file = self.path("proof-pins.json");
        let arguments = ["--proof", text(&proof)?, "--pins", text(&file)?];
        self.children.script().file(&file, &pins.to_string())?;
        let (status, printed, why) = self.check(&self.path("report.json"), &arguments).await?;
        ensure!(status.code() == Some(NOT_ALL_SHOWN), "verify ended with {status}: {printed}{why}");
        ensure!(printed.contains("ok         by the state of block"), "nothing was proven: {printed}");
        pins["block"] = pins["genesis"].take();
        self.children.script().file(&file, &pins.to_string())?;
        let (status, printed, why) = self.check(&self.path("report.json"), &arguments).await?;
        ensure!(status.code() == Some(1) && why.contains("the proof is of block"), "{status}: {printed}{why}");
        Ok(printed)
    }

    /// The same with the chain's word, for its committee, its registry and its pool, and with what the reader knows:
    /// then all is shown.
    pub async fn verify_with(&self, node: &str) -> Result<String> {
        self.check_with(node, "report.json", &[]).await
    }

    async fn check_with(&self, node: &str, report: &str, more: &[&str]) -> Result<String> {
        let (status, printed, why) = self.try_verify(node, report, &json!({}), more).await?;
        // That a version is rightly left out which nobody here has, no reader can be shown.
        let mut not_shown = printed.lines().filter(|line| line.starts_with("NOT SHOWN"));
        let only = not_shown.all(|line| line.contains("rightly left out"));
        let expected = if printed.contains("NOT SHOWN") { Some(NOT_ALL_SHOWN) } else { Some(0) };
        ensure!(status.code() == expected && only, "verify ended with {status}: {printed}{why}");
        Ok(printed)
    }

    /// The same by a reader who knows something else or more. Gives how it ended, what was printed, and why.
    pub async fn try_verify(
        &self,
        node: &str,
        report: &str,
        known: &Value,
        more: &[&str],
    ) -> Result<(ExitStatus, String, String)> {
        let (deployment, file, mut pins) = (self.path("deployment.json"), self.path("pins.json"), self.pins()?);
        for (name, value) in known.as_object().into_iter().flatten() {
            pins[name] = value.clone();
        }
        self.children.script().file(&file, &pins.to_string())?;
        let asked = ["--node-url", node, "--deployment", text(&deployment)?, "--pins", text(&file)?];
        let arguments = [&asked[..], &["--check-embeddings"], more].concat();
        self.check(&self.path(report), &arguments).await
    }

    /// What a reader of the run's reports knows: here from the programs that made it.
    fn pins(&self) -> Result<Value> {
        let (deployment, log) = (read_json(&self.path("deployment.json"))?, read_json(&self.path("log/log.json"))?);
        Ok(json!({
            "genesis": deployment["genesis"], "registry": deployment["attribution"], "pool": deployment["pool"],
            "log_key": log["log_key"], "witness_key": log["witnesses"][0]["key"],
            "platforms": read_json(&self.path("platforms.json"))?,
        }))
    }

    async fn check(&self, report: &Path, more: &[&str]) -> Result<(ExitStatus, String, String)> {
        let (log, manifests) = (self.path("log"), self.path("manifests"));
        let arguments =
            ["verify", "--report", text(report)?, "--log-dir", text(&log)?, "--manifests", text(&manifests)?];
        self.children.try_tool(PROGRAM, &[&arguments[..], more].concat()).await
    }

    /// Outputs that qualified for an account, and the tokens they gave it.
    pub fn qualifying(&self, account: Address) -> Result<(u64, u64)> {
        qualifying(&read_json(&self.path("attribution.json"))?, account)
    }
}

fn rfc3339(seconds: u64) -> Result<String> {
    Ok(OffsetDateTime::from_unix_timestamp(i64::try_from(seconds)?)?.format(&Rfc3339)?)
}

/// Splits the outputs' lines into batches, as a platform would send them through the quarter.
pub fn split_outputs(outputs: &Path, folder: &Path, batches: usize) -> Result<Vec<PathBuf>> {
    let content = std::fs::read_to_string(outputs).with_context(|| format!("reading {}", outputs.display()))?;
    let lines: Vec<_> = content.lines().filter(|line| !line.trim().is_empty()).collect();
    ensure!(lines.len() >= batches, "{} has only {} lines", outputs.display(), lines.len());
    let size = lines.len().div_ceil(batches);
    let mut files = Vec::new();
    for (i, chunk) in lines.chunks(size).enumerate() {
        let file = folder.join(format!("outputs-{}.jsonl", i + 1));
        std::fs::write(&file, chunk.join("\n") + "\n")?;
        files.push(file);
    }
    Ok(files)
}

/// The files that [`split_outputs`] has made.
pub fn outputs_in(folder: &Path) -> Vec<PathBuf> {
    (1..=BATCHES).map(|number| folder.join(format!("outputs-{number}.jsonl"))).collect()
}

/// Names of accounts for messages.
pub fn name_of(cast: &Cast, account: Address) -> String {
    let found = cast.holders().find(|(_, submitter, _)| submitter.address() == account);
    found.map_or_else(|| account.to_string(), |(name, ..)| name.to_owned())
}

fn read_json(file: &Path) -> Result<Value> {
    let content = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    serde_json::from_str(&content).with_context(|| format!("parsing {}", file.display()))
}

fn contributors(settlement: &Value) -> Result<Vec<Contributor>> {
    let entries = settlement["contributors"].as_array().context("the settlement has no contributors")?;
    entries
        .iter()
        .map(|entry| {
            let proof = entry["proof"].as_array().context("a contributor has no proof")?;
            let proof: Result<Vec<B256>> = proof.iter().map(|hash| Ok(serde_json::from_value(hash.clone())?)).collect();
            Ok(Contributor {
                account: serde_json::from_value(entry["account"].clone()).context("a contributor's account")?,
                weight: integer(&entry["weight"]).context("a contributor's weight")?,
                proof: proof?,
            })
        })
        .collect()
}

fn integer(value: &Value) -> Result<U256> {
    match value {
        Value::String(digits) => Ok(U256::from_str_radix(digits, 10)?),
        Value::Number(number) => Ok(U256::from(number.as_u64().context("not a whole number")?)),
        other => bail!("{other} is not a number"),
    }
}

fn qualifying(attribution: &Value, account: Address) -> Result<(u64, u64)> {
    let entries = attribution["contributors"].as_array().context("the attribution has no contributors")?;
    for entry in entries {
        if serde_json::from_value::<Address>(entry["account"].clone())? == account {
            let number = |name: &str| entry[name].as_u64().with_context(|| format!("a contributor's {name}"));
            return Ok((number("qualifying_outputs")?, number("tokens")?));
        }
    }
    Ok((0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settlement_is_read_with_its_proofs() {
        let account = "0x0101010101010101010101010101010101010101";
        let hash = format!("0x{}", "02".repeat(32));
        let found = contributors(
            &json!({"contributors": [{"account": account, "weight": "1000000000000000000", "proof": [hash]}]}),
        );
        let found = found.expect("readable");
        assert_eq!((found[0].account, found[0].weight), (Address::repeat_byte(1), U256::from(10u64.pow(18))));
        assert_eq!(found[0].proof, [B256::repeat_byte(2)]);
        assert!(contributors(&json!({})).is_err());
        assert!(contributors(&json!({"contributors": [{"account": account, "weight": 1.5, "proof": []}]})).is_err());
    }

    #[test]
    fn outputs_are_split_without_losing_any() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let all = folder.path().join("all");
        std::fs::write(&all, "1\n2\n\n3\n4\n5\n").expect("written");
        let files = split_outputs(&all, folder.path(), 2).expect("split");
        let parts: String = files.iter().map(|file| std::fs::read_to_string(file).expect("readable")).collect();
        assert_eq!((files.len(), parts.as_str()), (2, "1\n2\n3\n4\n5\n"));
        assert!(split_outputs(&all, folder.path(), 6).is_err());
    }
}
