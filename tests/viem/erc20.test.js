// What every ERC-20 does, by the standard's own interface (viem's `erc20Abi`) and ERC-6093's errors: nothing here reads our ABI.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { encodeFunctionData, erc20Abi, maxUint256, parseAbi, toFunctionSelector, zeroAddress } from "viem";
import { alice, bob, client, mint, operator, refusal, send, stranger, token } from "./setup.js";

const abi = [
  ...erc20Abi,
  ...parseAbi([
    "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
    "error ERC20InvalidSender(address sender)",
    "error ERC20InvalidReceiver(address receiver)",
    "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
    "error ERC20InvalidApprover(address approver)",
    "error ERC20InvalidSpender(address spender)",
  ]),
];

const UNIT = 10n ** 18n;
const address = (who) => who.account.address;
const read = (functionName, ...args) => client.readContract({ address: token, abi, functionName, args });
const balance = (who) => read("balanceOf", address(who));
const allowance = (owner, spender) => read("allowance", address(owner), address(spender));
const write = (from, functionName, ...args) => send(from, token, abi, functionName, args);
const refused = (from, functionName, ...args) => refusal(from, abi, functionName, args);

/** The value that a message answers with, without sending it. */
async function answer(from, functionName, ...args) {
  const { result } = await client.simulateContract({ address: token, abi, functionName, args, account: from.account });
  return result;
}

/** Events of one transaction by name, as viem decodes them. */
async function events(receipt, eventName) {
  const { blockNumber, transactionHash } = receipt;
  const all = await client.getContractEvents({ address: token, abi, eventName, fromBlock: blockNumber, toBlock: blockNumber });
  return all.filter((event) => event.transactionHash === transactionHash).map((event) => event.args);
}

describe("ERC-20", () => {
  let first;

  before(async () => {
    first = await client.getBlockNumber();
    await mint(alice, 100n * UNIT);
  });

  describe("metadata", () => {
    it("has a name, a symbol and 18 decimals", async () => {
      assert.match(await read("name"), /^[^\0]+$/);
      assert.match(await read("symbol"), /^[^\0]+$/);
      assert.equal(await read("decimals"), 18);
    });
  });

  describe("totalSupply and balanceOf", () => {
    it("grow by what is minted, from the zero address", async () => {
      const [supply, before] = [await read("totalSupply"), await balance(bob)];
      const receipt = await mint(bob, 5n * UNIT);
      assert.equal(await read("totalSupply"), supply + 5n * UNIT);
      assert.equal(await balance(bob), before + 5n * UNIT);
      assert.deepEqual(await events(receipt, "Transfer"), [{ from: zeroAddress, to: address(bob), value: 5n * UNIT }]);
    });

    it("answer zero for an account that never held any", async () => {
      assert.equal(await balance(stranger), 0n);
    });
  });

  describe("transfer", () => {
    it("moves shares, answers true and says so", async () => {
      const [supply, from, to] = [await read("totalSupply"), await balance(alice), await balance(bob)];
      assert.equal(await answer(alice, "transfer", address(bob), UNIT), true);
      const receipt = await write(alice, "transfer", address(bob), UNIT);
      assert.equal(await balance(alice), from - UNIT);
      assert.equal(await balance(bob), to + UNIT);
      assert.equal(await read("totalSupply"), supply);
      assert.deepEqual(await events(receipt, "Transfer"), [{ from: address(alice), to: address(bob), value: UNIT }]);
    });

    it("of nothing is a transfer like any other", async () => {
      const receipt = await write(alice, "transfer", address(bob), 0n);
      assert.deepEqual(await events(receipt, "Transfer"), [{ from: address(alice), to: address(bob), value: 0n }]);
    });

    it("to oneself changes nothing", async () => {
      const before = await balance(alice);
      await write(alice, "transfer", address(alice), before);
      assert.equal(await balance(alice), before);
    });

    it("of everything leaves nothing", async () => {
      const all = await balance(bob);
      await write(bob, "transfer", address(alice), all);
      assert.equal(await balance(bob), 0n);
      await write(alice, "transfer", address(bob), all);
    });

    it("of more than there is names sender, balance and need", async () => {
      const has = await balance(alice);
      const error = await refused(alice, "transfer", address(bob), has + 1n);
      assert.deepEqual(error, { name: "ERC20InsufficientBalance", args: [address(alice), has, has + 1n] });
    });

    it("to the zero address is refused", async () => {
      const error = await refused(alice, "transfer", zeroAddress, 1n);
      assert.deepEqual(error, { name: "ERC20InvalidReceiver", args: [zeroAddress] });
    });
  });

  describe("approve", () => {
    it("sets, answers true and says so; a second one replaces the first", async () => {
      assert.equal(await answer(alice, "approve", address(operator), 7n), true);
      for (const value of [7n, 3n, 0n]) {
        const receipt = await write(alice, "approve", address(operator), value);
        assert.equal(await allowance(alice, operator), value);
        const owner = address(alice);
        assert.deepEqual(await events(receipt, "Approval"), [{ owner, spender: address(operator), value }]);
      }
    });

    it("may be more than the owner has, and is nobody else's", async () => {
      const more = (await balance(alice)) + 1n;
      await write(alice, "approve", address(operator), more);
      assert.equal(await allowance(alice, operator), more);
      assert.equal(await allowance(operator, alice), 0n);
      assert.equal(await allowance(alice, stranger), 0n);
    });

    it("of the zero address is refused", async () => {
      const error = await refused(alice, "approve", zeroAddress, 1n);
      assert.deepEqual(error, { name: "ERC20InvalidSpender", args: [zeroAddress] });
    });
  });

  describe("transferFrom", () => {
    it("spends the allowance", async () => {
      await write(alice, "approve", address(operator), 10n);
      const [from, to] = [await balance(alice), await balance(bob)];
      assert.equal(await answer(operator, "transferFrom", address(alice), address(bob), 4n), true);
      const receipt = await write(operator, "transferFrom", address(alice), address(bob), 4n);
      assert.equal(await allowance(alice, operator), 6n);
      assert.equal(await balance(alice), from - 4n);
      assert.equal(await balance(bob), to + 4n);
      assert.deepEqual(await events(receipt, "Transfer"), [{ from: address(alice), to: address(bob), value: 4n }]);
    });

    it("beyond the allowance names spender, allowance and need", async () => {
      await write(alice, "approve", address(operator), 6n);
      const error = await refused(operator, "transferFrom", address(alice), address(bob), 7n);
      assert.deepEqual(error, { name: "ERC20InsufficientAllowance", args: [address(operator), 6n, 7n] });
    });

    it("beyond the balance is refused even where it is allowed", async () => {
      const has = await balance(alice);
      await write(alice, "approve", address(operator), has + 1n);
      const error = await refused(operator, "transferFrom", address(alice), address(bob), has + 1n);
      assert.deepEqual(error, { name: "ERC20InsufficientBalance", args: [address(alice), has, has + 1n] });
      assert.equal(await allowance(alice, operator), has + 1n);
    });

    it("leaves an allowance of 2^256 - 1 as it is", async () => {
      await write(alice, "approve", address(operator), maxUint256);
      await write(operator, "transferFrom", address(alice), address(bob), 1n);
      assert.equal(await allowance(alice, operator), maxUint256);
    });

    it("by the owner needs an allowance like anybody's", async () => {
      await write(alice, "approve", address(alice), 0n);
      const error = await refused(alice, "transferFrom", address(alice), address(bob), 1n);
      assert.deepEqual(error, { name: "ERC20InsufficientAllowance", args: [address(alice), 0n, 1n] });
    });

    it("to or from the zero address is refused", async () => {
      const to = await refused(operator, "transferFrom", address(alice), zeroAddress, 1n);
      assert.deepEqual(to, { name: "ERC20InvalidReceiver", args: [zeroAddress] });
      // The standard does not say which of these comes first.
      const from = await refused(operator, "transferFrom", zeroAddress, address(bob), 1n);
      assert.ok(["ERC20InvalidSender", "ERC20InvalidApprover", "ERC20InsufficientAllowance"].includes(from.name), from.name);
    });
  });

  describe("events by filter", () => {
    it("are found by sender, by recipient, and not by others", async () => {
      const filter = (args) =>
        client.getContractEvents({ address: token, abi, eventName: "Transfer", args, fromBlock: first, toBlock: "latest" });
      const [sent, received, none] = await Promise.all([
        filter({ from: address(alice) }), filter({ to: address(alice) }), filter({ from: address(stranger) }),
      ]);
      assert.ok(sent.length >= 5 && sent.every((event) => event.args.from === address(alice)));
      assert.ok(received.length >= 2 && received.every((event) => event.args.to === address(alice)));
      assert.deepEqual(none, []);
      const all = await filter({});
      const change = (who) => all.reduce((sum, { args }) =>
        sum + (args.to === who ? args.value : 0n) - (args.from === who ? args.value : 0n), 0n);
      // The first block of the filter is before anything was minted here.
      const then = await client.readContract({
        address: token, abi, functionName: "balanceOf", args: [address(alice)], blockNumber: first,
      });
      assert.equal(await balance(alice), then + change(address(alice)));
    });
  });

  describe("the interface", () => {
    it("takes no money with messages that are not payable", async () => {
      const data = encodeFunctionData({ abi, functionName: "transfer", args: [address(bob), 0n] });
      const value = 1_000_000n;
      await assert.rejects(client.call({ account: alice.account, to: token, data, value }));
    });

    it("refuses a message that it does not have, and data too short for one", async () => {
      const data = toFunctionSelector("function noSuchMessage()");
      await assert.rejects(client.call({ account: alice.account, to: token, data }));
      await assert.rejects(client.call({ account: alice.account, to: token, data: "0xa9059c" }));
      await assert.rejects(client.call({ account: alice.account, to: token, data: "0xa9059cbb" }));
    });
  });
});
