// What a pool does beyond ERC-20: money in, money out, and errors that viem decodes from our ABI.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { parseEther, parseSignature, stringToHex, zeroAddress } from "viem";
import { alice, bob, client, mint, operator, plain, poolAbi as abi, refusal, send, stranger, token } from "./setup.js";

const STREAM = stringToHex("viem", { size: 32 });
const PERIOD = 8107;
const address = (who) => who.account.address;
const read = (functionName, ...args) => client.readContract({ address: token, abi, functionName, args });

const deposit = (from, amount) => send(from, token, abi, "deposit", [STREAM, PERIOD, amount], amount);

async function onlyEvent(receipt, eventName) {
  const { blockNumber } = receipt;
  const found = await client.getContractEvents({ address: token, abi, eventName, fromBlock: blockNumber, toBlock: blockNumber });
  assert.equal(found.length, 1);
  return found[0].args;
}

describe("pool", { skip: plain }, () => {
  before(async () => {
    await mint(alice, parseEther("3"));
    await mint(bob, parseEther("1"));
    if (!(await read("opened"))) await send(operator, token, abi, "open", [2n ** 128n - 1n, zeroAddress, zeroAddress]);
  });

  it("takes a payable deposit and shares it out", async () => {
    const amount = parseEther("8");
    const [held, mine, supply] = [
      await client.getBalance({ address: token }), await read("claimable", address(alice)), await read("totalSupply"),
    ];
    const receipt = await deposit(operator, amount);
    assert.equal(await client.getBalance({ address: token }), held + amount);
    const event = await onlyEvent(receipt, "Deposited");
    const legHolders = event.toHolders;
    assert.equal(event.stream, STREAM);
    assert.equal(event.period, PERIOD);
    assert.equal(event.payer, address(operator));
    assert.equal(event.amount, amount);
    assert.ok(legHolders > 0n && legHolders <= amount);
    const gained = (await read("claimable", address(alice))) - mine;
    const balance = await read("balanceOf", address(alice));
    const share = (legHolders * balance) / supply;
    // The index counts in 2^-64 per share; its remainder waits for the next deposit.
    const most = 2n + balance / 2n ** 64n;
    assert.ok(gained - share <= most && share - gained <= most, `${gained} is not ${share}`);
  });

  it("pays dividends out once, from its own coins", async () => {
    await deposit(operator, parseEther("4"));
    const [due, held, owned] = await Promise.all([
      read("claimable", address(alice)), client.getBalance({ address: token }), client.getBalance({ address: address(alice) }),
    ]);
    assert.ok(due > 0n);
    const receipt = await send(alice, token, abi, "claim");
    assert.equal(await client.getBalance({ address: token }), held - due);
    assert.ok((await client.getBalance({ address: address(alice) })) > owned, "the fee is less than the dividend");
    const event = await onlyEvent(receipt, "DividendClaimed");
    assert.deepEqual([event.account, event.amount], [address(alice), due]);
    assert.deepEqual(await refusal(alice, abi, "claim"), { name: "NothingToClaim", args: [address(alice)] });
  });

  it("takes a permit that a wallet signed, once", async () => {
    const [name, nonce, chainId] = await Promise.all([read("name"), read("nonces", address(alice)), client.getChainId()]);
    const deadline = (await client.getBlock()).timestamp + 3_600n;
    const message = { owner: address(alice), spender: address(bob), value: 7n, nonce, deadline };
    const types = {
      Permit: Object.entries({ owner: "address", spender: "address", value: "uint256", nonce: "uint256", deadline: "uint256" })
        .map(([field, type]) => ({ name: field, type })),
    };
    const domain = { name, version: "1", chainId, verifyingContract: token };
    const signature = await alice.signTypedData({ domain, types, primaryType: "Permit", message });
    const { r, s, v } = parseSignature(signature);
    const permit = [message.owner, message.spender, message.value, deadline, Number(v), r, s];
    // Anybody may hand it in.
    await send(operator, token, abi, "permit", permit);
    assert.equal(await read("allowance", address(alice), address(bob)), 7n);
    assert.equal(await read("nonces", address(alice)), nonce + 1n);
    assert.equal((await refusal(operator, abi, "permit", permit)).name, "ERC2612InvalidSigner");
  });

  it("says by custom errors why it refuses", async () => {
    assert.equal((await refusal(operator, abi, "deposit", [STREAM, PERIOD, 0n])).name, "ZeroAmount");
    const value = 1_000_000n;
    assert.equal((await refusal(operator, abi, "deposit", [STREAM, 0, value], value)).name, "PeriodZero");
    const restricted = await refusal(alice, abi, "transfer", [address(stranger), 1n]);
    assert.equal(restricted.name, "TransferRestricted");
    assert.ok(restricted.args[0] > 0);
    const unauthorised = await refusal(stranger, abi, "mint", [address(alice), 1n]);
    assert.equal(unauthorised.name, "AccessControlUnauthorizedAccount");
    assert.equal(unauthorised.args[0], address(stranger));
  });
});
