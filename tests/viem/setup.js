// Clients, and the token under test: one that is named by the environment, or a pool that is deployed here.
//
//   YIELDSET_ETH_RPC       Ethereum JSON-RPC of a development chain (default http://127.0.0.1:8545)
//   YIELDSET_VIEM_TOKEN    address of a token instead of a new pool; Alith must be allowed to mint it
//   YIELDSET_VIEM_PLAIN    with it: the token is a plain ERC-20 with `mint(address,uint256)`, so the pool's own part is left out
import { readFileSync } from "node:fs";
import {
  createPublicClient, createWalletClient, defineChain, http, keccak256, parseAbi, stringToHex, toHex, zeroAddress,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

/** Public keys of every Frontier-style development chain, which have money there and nowhere else. */
const KEYS = {
  alith: "0x5fb92d6e98884f76de468fa3f6278f8807c48bebc13595d45af5bdc4da702133",
  baltathar: "0x8075991ce870b93a8870eca0c0f91913d12f47948ca0fd25b49c6fa7cdbeee8b",
  charleth: "0x0b6e18cafb6ed99687ec547bd28139cafdd2bffe70e6b688025de6b445aa5c5b",
  dorothy: "0x39539ab1876910bbf3a223d84a29e28f1cb4e2e456503e7e91ed39b2e7223d68",
};

export const url = process.env.YIELDSET_ETH_RPC ?? "http://127.0.0.1:8545";
/** Whether only the ERC-20 side is tried. */
export const plain = process.env.YIELDSET_VIEM_PLAIN !== undefined;

const probe = createPublicClient({ transport: http(url) });
const chain = defineChain({
  id: await probe.getChainId(),
  name: "development",
  nativeCurrency: { name: "unit", symbol: "UNIT", decimals: 18 },
  rpcUrls: { default: { http: [url] } },
});

export const client = createPublicClient({ chain, transport: http(url), pollingInterval: 200 });
const wallet = (key) => createWalletClient({ account: privateKeyToAccount(key), chain, transport: http(url) });
export const operator = wallet(KEYS.alith);
export const alice = wallet(KEYS.baltathar);
export const bob = wallet(KEYS.charleth);
export const stranger = wallet(KEYS.dorothy);

/** A file of a contract of this repository, as it is checked in. */
const artifact = (name, kind) => new URL(`../../contracts/artifacts/${name}.${kind}`, import.meta.url);
const abiOf = (name) => JSON.parse(readFileSync(artifact(name, "abi"), "utf8"));
const blob = (name) => toHex(readFileSync(artifact(name, "polkavm")));

export const poolAbi = abiOf("pool");

/** Sends a transaction and waits for it; one that fails is an error. */
export async function send(from, address, abi, functionName, args = [], value = 0n) {
  const hash = await from.writeContract({ address, abi, functionName, args, value });
  const receipt = await client.waitForTransactionReceipt({ hash });
  if (receipt.status !== "success") throw new Error(`${functionName} failed in ${hash}`);
  return receipt;
}

/** Creates a contract from its blob; code that others run has no ABI of its own. */
async function deploy(name, { abi, args } = { abi: [], args: [] }) {
  const hash = await operator.deployContract({ abi, bytecode: blob(name), args });
  const receipt = await client.waitForTransactionReceipt({ hash });
  if (receipt.status !== "success") throw new Error(`deploying ${name} failed in ${hash}`);
  return receipt.contractAddress;
}

/** A constructor's arguments in its order. */
function constructor(abi, given) {
  const { inputs } = abi.find((entry) => entry.type === "constructor");
  const args = inputs.map(({ name }) => {
    if (!(name in given)) throw new Error(`the constructor asks for ${name}: add it in setup.js`);
    return given[name];
  });
  return { abi, args };
}

/** The operator gives itself a role. */
const authorise = (address, abi, role) =>
  send(operator, address, abi, "grantRole", [keccak256(stringToHex(role)), operator.account.address]);

/** The logic's constructor: it names the code of claims. */
const LOGIC = parseAbi(["constructor(address claims)"]);

async function deployPool() {
  const admin = operator.account.address;
  const kycAbi = abiOf("kyc");
  const kyc = await deploy("kyc", constructor(kycAbi, { logic: await deploy("kyc-logic"), admin }));
  await authorise(kyc, kycAbi, "AGENT_ROLE");
  const expiry = (await client.getBlock()).timestamp + 365n * 86_400n;
  // The stranger stays without a record.
  for (const { account } of [operator, alice, bob]) {
    await send(operator, kyc, kycAbi, "setRecord", [account.address, 1, 276, false, expiry]);
  }
  const label = (text) => stringToHex(text, { size: 32 });
  const pool = await deploy("pool", constructor(poolAbi, {
    logic: await deploy("pool-logic", { abi: LOGIC, args: [await deploy("pool-claims")] }),
    name: label("Open Letters"),
    symbol: label("OPEN"),
    kyc,
    // Nothing here claims as a contributor.
    attribution: zeroAddress,
    // The chain's own money.
    currency: zeroAddress,
    contributorsBps: 4_000,
    admin,
  }));
  await authorise(pool, poolAbi, "ISSUER_ROLE");
  return pool;
}

/** The token under test. */
export const token = process.env.YIELDSET_VIEM_TOKEN ?? (await deployPool());

/** Creates shares. */
export const mint = (to, amount) =>
  send(operator, token, parseAbi(["function mint(address to, uint256 amount)"]), "mint", [to.account.address, amount]);

/** The custom error that a call is refused with, as `{ name, args }`, decoded by `abi`. */
export async function refusal(from, abi, functionName, args = [], value = 0n) {
  const call = { address: token, abi, functionName, args, value, account: from.account };
  try {
    await client.simulateContract(call);
  } catch (error) {
    const reverted = error.walk?.((cause) => cause.name === "ContractFunctionRevertedError");
    if (reverted?.data === undefined) throw error;
    return { name: reverted.data.errorName, args: reverted.data.args ?? [] };
  }
  throw new Error(`${functionName} was accepted`);
}
