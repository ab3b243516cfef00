// Compiles the peers as EVM bytecode (solc) and for PolkaVM (resolc), and writes one file per contract and target:
// `NAME.evm` is init code without constructor arguments, `NAME.polkavm` a blob.
//
//   node compile.mjs MODULES FREE COPYLEFT [GROUP]
//
// MODULES is a folder with node_modules as package-lock.json has them. Peers under MIT go to FREE, those under GPL or AGPL to
// COPYLEFT. Both folders must exist. GROUP compiles one group alone, by its name below.
import { readFileSync, writeFileSync, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const [MODULES, FREE, COPYLEFT, ONLY] = process.argv.slice(2);
if (!COPYLEFT) throw new Error("usage: node compile.mjs MODULES FREE COPYLEFT [GROUP]");
const require = createRequire(join(MODULES, "package.json"));
const PACKAGES = join(MODULES, "node_modules");

/** Superfluid's external libraries are linked at addresses that the benchmark deploys them to, and checks. */
const SLOTS_BITMAP = "0xc532737066fc3e5fd0c482c127c0745b5ec685ee";
const POOL_DEPLOYER = "0xf9de8bb3394d01401c27e6c5b82c11c687ffcfef";

const T_REX = "@tokenysolutions/t-rex/contracts";
const SUPERFLUID_INFO =
  "@superfluid-finance/ethereum-contracts/build/hardhat/build-info/89a115105627084736584e8e2e3ad5f9.json";
const OPENZEPPELIN_4 = {
  "@openzeppelin/contracts/": "openzeppelin-4/",
  "@openzeppelin/contracts-upgradeable/": "openzeppelin-4-upgradeable/",
};

/** resolc's own 32 KB are too few for these: T-REX's `init` runs over them and traps. */
const DEEP_STACK = 131_072;

/** Each group is one compilation: what its packages were published for decides the compiler's version. */
const GROUPS = [
  {
    name: "OpenZeppelin",
    folder: FREE,
    solc: "solc",
    roots: { PlainToken: "contracts/PlainToken.sol", DividendToken: "contracts/DividendToken.sol" },
  },
  {
    name: "Synthetix",
    folder: FREE,
    solc: "solc-0.5",
    roots: { StakingRewards: "synthetix/contracts/StakingRewards.sol" },
    // resolc begins at Solidity 0.8: there the same sources with the least change that it accepts.
    polkavm: { solc: "solc", port: portTo08 },
  },
  {
    name: "T-REX and ONCHAINID",
    folder: COPYLEFT,
    solc: "solc-0.8.17",
    remap: OPENZEPPELIN_4,
    polkavm: { stack: DEEP_STACK },
    roots: {
      Token: `${T_REX}/token/Token.sol`,
      IdentityRegistry: `${T_REX}/registry/implementation/IdentityRegistry.sol`,
      IdentityRegistryStorage: `${T_REX}/registry/implementation/IdentityRegistryStorage.sol`,
      ClaimTopicsRegistry: `${T_REX}/registry/implementation/ClaimTopicsRegistry.sol`,
      TrustedIssuersRegistry: `${T_REX}/registry/implementation/TrustedIssuersRegistry.sol`,
      ModularCompliance: `${T_REX}/compliance/modular/ModularCompliance.sol`,
      CountryAllowModule: `${T_REX}/compliance/modular/modules/CountryAllowModule.sol`,
      MaxBalanceModule: `${T_REX}/compliance/modular/modules/MaxBalanceModule.sol`,
      ModuleProxy: `${T_REX}/compliance/modular/modules/ModuleProxy.sol`,
      TREXImplementationAuthority: `${T_REX}/proxy/authority/TREXImplementationAuthority.sol`,
      TokenProxy: `${T_REX}/proxy/TokenProxy.sol`,
      IdentityRegistryProxy: `${T_REX}/proxy/IdentityRegistryProxy.sol`,
      IdentityRegistryStorageProxy: `${T_REX}/proxy/IdentityRegistryStorageProxy.sol`,
      ClaimTopicsRegistryProxy: `${T_REX}/proxy/ClaimTopicsRegistryProxy.sol`,
      TrustedIssuersRegistryProxy: `${T_REX}/proxy/TrustedIssuersRegistryProxy.sol`,
      ModularComplianceProxy: `${T_REX}/proxy/ModularComplianceProxy.sol`,
      Identity: "@onchain-id/solidity/contracts/Identity.sol",
      ClaimIssuer: "@onchain-id/solidity/contracts/ClaimIssuer.sol",
      ImplementationAuthority: "@onchain-id/solidity/contracts/proxy/ImplementationAuthority.sol",
      IdentityProxy: "@onchain-id/solidity/contracts/proxy/IdentityProxy.sol",
    },
  },
  {
    name: "Superfluid",
    folder: COPYLEFT,
    solc: "solc",
    // The package's own build record has all sources, also of packages that are not published.
    record: SUPERFLUID_INFO,
    polkavm: { stack: DEEP_STACK },
    libraries: {
      "contracts/libs/SlotsBitmapLibrary.sol": { SlotsBitmapLibrary: SLOTS_BITMAP },
      "contracts/agreements/gdav1/SuperfluidPoolDeployerLibrary.sol": { SuperfluidPoolDeployerLibrary: POOL_DEPLOYER },
    },
    roots: {
      Superfluid: "contracts/superfluid/Superfluid.sol",
      SuperTokenFactory: "contracts/superfluid/SuperTokenFactory.sol",
      SuperToken: "contracts/superfluid/SuperToken.sol",
      GeneralDistributionAgreementV1: "contracts/agreements/gdav1/GeneralDistributionAgreementV1.sol",
      SuperfluidPool: "contracts/agreements/gdav1/SuperfluidPool.sol",
      SuperfluidPoolDeployerLibrary: "contracts/agreements/gdav1/SuperfluidPoolDeployerLibrary.sol",
      PoolAdminNFT: "contracts/agreements/gdav1/PoolAdminNFT.sol",
      SlotsBitmapLibrary: "contracts/libs/SlotsBitmapLibrary.sol",
      SuperfluidUpgradeableBeacon: "contracts/upgradability/SuperfluidUpgradeableBeacon.sol",
      UUPSProxy: "contracts/upgradability/UUPSProxy.sol",
      BeaconProxy: "@openzeppelin-v5/contracts/proxy/beacon/BeaconProxy.sol",
      TestGovernance: "contracts/utils/TestGovernance.sol",
      SimpleForwarder: "contracts/utils/SimpleForwarder.sol",
      ERC2771Forwarder: "contracts/utils/ERC2771Forwarder.sol",
      SimpleACL: "contracts/utils/SimpleACL.sol",
      PureSuperToken: "contracts/tokens/PureSuperToken.sol",
    },
  },
];

function file(path, remap = {}) {
  for (const [from, to] of Object.entries(remap)) {
    if (path.startsWith(from)) path = to + path.slice(from.length);
  }
  const found = [join(HERE, path), join(PACKAGES, path)].find(existsSync);
  if (!found) throw new Error(`no source ${path}`);
  return readFileSync(found, "utf8");
}

/** All sources that a group's roots need, found by their imports. */
function collect({ roots, remap, record }) {
  const recorded = record && JSON.parse(readFileSync(join(PACKAGES, record), "utf8")).input.sources;
  const sources = {};
  const open = Object.values(roots);
  while (open.length > 0) {
    const path = open.pop();
    if (sources[path]) continue;
    const content = recorded ? recorded[path].content : file(path, remap);
    sources[path] = { content };
    for (const [, imported] of content.matchAll(/^\s*import\s[^;]*?["']([^"']+)["']/gm)) {
      open.push(imported.startsWith(".") ? posix.join(posix.dirname(path), imported) : imported);
    }
  }
  return sources;
}

/** What Solidity 0.8 refuses in the staking contract's 0.5: visibility of constructors, unmarked abstract contracts and overrides,
 * `now`, and an interface whose getters have other types. No statement changes. */
function portTo08(path, text) {
  return text
    .replace(/pragma solidity [^;]+;/, "pragma solidity ^0.8.0;")
    .replace(/(constructor ?\([^)]*\)) (public|internal)/g, "$1")
    .replace(/^contract (RewardsDistributionRecipient|Pausable|ReentrancyGuard)/gm, "abstract contract $1")
    .replace("function notifyRewardAmount(uint256 reward) external;", "function notifyRewardAmount(uint256 reward) external virtual;")
    .replace("function notifyRewardAmount(uint256 reward) external only", "function notifyRewardAmount(uint256 reward) external override only")
    .replace("lastPauseTime = now;", "lastPauseTime = block.timestamp;")
    .replace("contract StakingRewards is IStakingRewards, ", "contract StakingRewards is ")
    .replace(/^import .*ERC20Detailed\.sol";$/m, "");
}

function stop(group, target, output) {
  const errors = (output.errors ?? []).filter((e) => e.severity === "error");
  if (errors.length === 0) return;
  throw new Error(`${group.name}, ${target}: ${errors.map((e) => e.formattedMessage ?? e.message).join("\n")}`);
}

function evm(group, sources) {
  const settings = {
    optimizer: { enabled: true, runs: 200 },
    outputSelection: Object.fromEntries(
      Object.entries(group.roots).map(([name, path]) => [path, { [name]: ["evm.bytecode.object"] }]),
    ),
  };
  if (group.libraries) settings.libraries = group.libraries;
  const solc = require(group.solc);
  const output = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources, settings })));
  stop(group, "EVM", output);
  return (path, name) => output.contracts[path][name].evm.bytecode.object;
}

function polkavm(group, sources) {
  const { solc, port, stack } = { solc: group.solc, port: (_, text) => text, stack: 32_768, ...group.polkavm };
  const ported = Object.fromEntries(
    Object.entries(sources)
      .filter(([path]) => solc === group.solc || !path.endsWith("ERC20Detailed.sol"))
     .map(([path, { content }]) => [path, { content: port(path, content) }]),
  );
  const settings = {
    optimizer: { enabled: true, mode: "z", fallback_to_optimizing_for_size: true, runs: 200 },
    outputSelection: { "*": { "*": ["abi"] } },
    polkavm: { memory_config: { heap_size: 65_536, stack_size: stack } },
  };
  if (group.libraries) settings.libraries = group.libraries;
  const resolc = require(join(PACKAGES, "@parity/resolc/dist/resolc/resolc.js"))();
  resolc.soljson = require(`${solc}/soljson.js`);
  resolc.writeToStdin(JSON.stringify({ language: "Solidity", sources: ported, settings }));
  resolc.callMain(["--standard-json"]);
  const problem = resolc.readFromStderr();
  if (problem) throw new Error(`${group.name}, PolkaVM: ${problem}`);
  const output = JSON.parse(resolc.readFromStdout());
  stop(group, "PolkaVM", output);
  return (path, name) => output.contracts[path][name].evm.bytecode.object;
}

/** ERC-1820's registry, which super tokens register with, is published as the code that it has on every chain. */
function registry() {
  const text = file("@superfluid-finance/ethereum-contracts/contracts/libs/ERC1820RegistryCompiled.sol");
  const code = Buffer.from(text.match(/BYTECODE = bytes\(hex"([0-9a-f]+)"\)/)[1], "hex");
  const length = code.length.toString(16).padStart(4, "0");
  const init = Buffer.from(`61${length}80600c6000396000f3`, "hex");
  writeFileSync(join(COPYLEFT, "ERC1820Registry.evm"), Buffer.concat([init, code]));
}

registry();
for (const group of GROUPS.filter((group) => !ONLY || group.name === ONLY)) {
  const sources = collect(group);
  for (const [extension, compile] of Object.entries({ evm, polkavm })) {
    const code = compile(group, sources);
    for (const [name, path] of Object.entries(group.roots)) {
      const hex = code(path, name);
      if (!/^([0-9a-f]{2})+$/.test(hex)) throw new Error(`${name} for ${extension} is abstract or not linked`);
      writeFileSync(join(group.folder, `${name}.${extension}`), Buffer.from(hex, "hex"));
      console.log(`${name}.${extension}: ${hex.length / 2} bytes`);
    }
  }
}
