#!/usr/bin/env python3
"""Every figure of 'What a call costs on Polkadot Hub' in docs/BENCHMARKS.md, worked out again.

READ   = copied from a source that is named beside it
TABLE  = measured: read from the tables of docs/BENCHMARKS.md
COUNT  = counted by hand in our contracts' or the peers' sources
GUESS  = estimated
"""
import math
import pathlib

# --- READ: polkadot-fellows/runtimes at cb16c0820f005ba74f89472de2c20c99a5c3abb9 (release 2.3.2, 23 July 2026) ---------------
PLANCK = 10**10                        # a DOT; system-parachains/constants/src/polkadot.rs
CENTS, MILLICENTS = PLANCK // 100, PLANCK // 100_000
RELAY_BASE = 126_045_000               # ps; relay/polkadot/constants/src/weights/extrinsic_weights.rs
P, Q = CENTS, 200 * RELAY_BASE         # WeightToFee = BlockRatioFee<P, Q>; constants/src/polkadot.rs
BLOCK = (2 * 10**12, 10 * 1024 * 1024)  # 2 s; MAX_POV_SIZE (polkadot-primitives 24.0.0); constants/src/lib.rs, async_backing
NORMAL = (BLOCK[0] * 85 // 100, BLOCK[1] * 85 // 100)
BYTE = MILLICENTS // 2                 # TRANSACTION_BYTE_FEE
BASE = (125_000_000, 0)                # ExtrinsicBaseWeight; asset-hub-polkadot/src/weights/extrinsic_weights.rs
DB_READ, DB_WRITE = 13_701_000, 33_060_000  # InMemoryDbWeight; .../inmemorydb_weights.rs
CALL = (106_630_000 + 8 * DB_READ + 2 * DB_WRITE, 11_507)  # WeightInfo::call; .../pallet_revive.rs
NONCE = (9_717_000 + DB_READ + DB_WRITE, 3_593)            # check_nonce; .../frame_system_extensions.rs
CHARGE = (48_829_000 + 2 * DB_READ + 2 * DB_WRITE, 6_196)  # charge_asset_tx_payment_native; .../pallet_asset_conversion_tx_payment.rs
OTHERS = 3_424_000 + 5_602_000 + 490_000 + 375_000 + 382_000 + 2_957_000 + 1_992_000  # genesis, era, sender, spec, tx, weight, reclaim
OWN = (CALL[0] + NONCE[0] + CHARGE[0] + OTHERS, CALL[1] + NONCE[1] + CHARGE[1])  # of each transaction, besides the base
SLOT = 10_663 - 653 + 252              # a read or a write of a slot, plus its bytes; get/set_storage_full - _empty + seal_get/set_storage
SUBCALL_MORE = 9_023 - 4_648           # seal_call there, and in pallet-revive 0.20.2's own weights
DELEGATE_MORE = 4_796 - 4_214          # seal_delegate_call
BLOCKS_A_SECOND = 3 / 6                # BLOCK_PROCESSING_VELOCITY 3 in 6 s
ITEM, DEPOSIT_BYTE = 20_000_000, 100_000  # DepositPerChildTrieItem, DepositPerByte
MULTIPLIERS = (0.1, 1, 10)             # the least; the one at the beginning; ten times that. polkadot-runtime-common 28.0.0

FACTOR = 10**18
RT_FEE = P * FACTOR // Q               # FixedU128, rounded down, as fees.rs of pallet-revive 0.18.0
PROOF_FEE = RT_FEE * (BLOCK[0] * FACTOR // BLOCK[1]) // FACTOR


def weight_fee(ref_time, proof):
    """The greater of both dimensions (BlockRatioFee), in planck."""
    return max(RT_FEE * ref_time // FACTOR, PROOF_FEE * proof // FACTOR)


def fee(ref_time, proof, length, multiplier):
    """pallet-transaction-payment 48.0.0: only the weight's part is multiplied."""
    return (weight_fee(*BASE) + length * BYTE + multiplier * weight_fee(ref_time, proof)) / PLANCK


# --- Lengths of signed extrinsics, bytes (COUNT; SCALE and the Solidity ABI) ------------------------------------------------
ENVELOPE = 2 + 1 + 33 + 65 + 2 + 2 + 1 + 1 + 1   # length, version, account, sr25519, era, nonce, tip, asset, metadata mode


def extrinsic(data, value=1):
    compact = 1 if data < 64 else 2 if data < 16_384 else 4
    return ENVELOPE + 2 + 20 + value + 5 + 4 + 5 + compact + data


TAG = 19


def report(origin, model, spot, package, decoys):
    n = TAG + 8 + 20 + 20 + 32 + 1 + (1 + model) + 4 + 4 + 4 + (1 + origin) + 8 + 32 + 32 + (1 + 19) + 4 + 4 + 33 + 33
    return n + (1 + 24 if decoys else 1) + 32 + (33 if package else 1) + (49 if spot else 1) + 32


def posting(length, signatures):
    return 4 + 2 * 32 + 32 + -(-length // 32) * 32 + 32 + signatures * 1_152


tests, full = report(8, 13, False, False, False), report(40, 30, True, True, True)
full += 8                               # late_records told
print(f"a report's bytes: the tests' {tests}, with everything told about {full}; most allowed 2048")
REPORT = full

# --- TABLE -----------------------------------------------------------------------------------------------------------------
PAGE = (pathlib.Path(__file__).parents[2] / "docs/BENCHMARKS.md").read_text()


def table(heading, names):
    """ms and KB of each row of the table below a heading, by its first cells, which are names."""
    rows = PAGE.split(f"### {heading}\n\n")[1].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {tuple(row[:names]): (float(row[names]), float(row[names + 1])) for row in cells}


calls = table("Our calls", 1)
forms = table("The peers in each form", 3)

# --- Our calls: TABLE ms, KB; COUNT of what pallet-revive 0.18 charges again ------------------------------------------------
LEDGER, ACCOUNT, BOOK = 400, 140, 80
ours = {  # accesses to what was touched before (bytes of each), sub-calls, delegated, calldata, value
    "transfer, no registry": ([ACCOUNT] * 2, 0, 0, 68, 1),
    "transfer, KYC policy": ([ACCOUNT] * 2, 1, 0, 68, 1),
    "claim of dividends": ([ACCOUNT, LEDGER], 2, 0, 4, 1),
    "claim of dividends, no registry": ([ACCOUNT, LEDGER], 1, 0, 4, 1),
    "deposit, no contributors' leg": ([LEDGER], 0, 0, 100, 6),
    "deposit, contributors' leg": ([LEDGER, BOOK], 0, 0, 100, 6),
    # The ledger is read by the front and by the claims; ledger, book and contribution are written. 14 steps of proof.
    "claim of a contribution": ([LEDGER, LEDGER, BOOK, 0], 2, 1, 164 + 14 * 32, 1),
    # The stream's first report: its two records are written after they were read.
    "post a report, 2 signatures": ([0, 0], 2, 0, posting(REPORT, 2), 1),
    "post a report, 3 signatures": ([0, 0], 2, 0, posting(REPORT, 3), 1),
}
ours = {name: (*calls[name,], *counted) for name, counted in ours.items()}
peers = {  # EVM bytecode
    "OpenZeppelin ERC-20: transfer": (*forms["OpenZeppelin ERC-20", "EVM", "transfer"], [32] * 2, 0, 0, 68, 1),
    "OpenZeppelin + dividends: transfer": (*forms["OpenZeppelin ERC-20 + dividends", "EVM", "transfer"], [32] * 9, 0, 0, 68, 1),   # 16 accesses to 7 slots
    "OpenZeppelin + dividends: claim": (*forms["OpenZeppelin ERC-20 + dividends", "EVM", "claim"], [32] * 4, 1, 0, 4, 1),       # 8 to 4
    "OpenZeppelin + dividends: deposit": (*forms["OpenZeppelin ERC-20 + dividends", "EVM", "deposit"], [32] * 2, 0, 0, 4, 6),     # 4 to 2
    "T-REX without proxies: transfer, at least": (*forms["T-REX without proxies", "EVM", "transfer"], [], 0, 0, 68, 1),
    "T-REX by its factory: transfer, at least": (*forms["T-REX as its factory deploys it", "EVM", "transfer"], [], 0, 0, 68, 1),
    "T-REX without proxies: transfer, GUESS": (*forms["T-REX without proxies", "EVM", "transfer"], [32] * 25, 30, 0, 68, 1),
}

# --- Does the count explain what was measured? (bytes, 0.20.2: slot 10,257, call 4,648, delegate 4,214) ---------------------
D = 10_658 - 648 + 247
check = {
    "transfer, no registry": 12_480 + 3 * D + LEDGER + 2 * ACCOUNT,
    "transfer, KYC policy": 12_480 + 3 * D + LEDGER + 2 * ACCOUNT + 4_648 + 4_056 + 2 * D,
    "claim of dividends": 12_480 + 2 * D + LEDGER + ACCOUNT + 2 * 4_648 + 4_056 + D,
    "claim of dividends, no registry": 12_480 + 2 * D + LEDGER + ACCOUNT + 4_648,
    "deposit, contributors' leg": 12_480 + 2 * D + LEDGER + BOOK,
    "claim of a contribution": 12_480 + 4_214 + 18_042 + 3 * D + LEDGER + BOOK + 2 * 4_648 + 4_056 + D,
    "post a report, 2 signatures": 72_324 + 46_041 + 138_569 + 2 * 4_648 + 9 * D,
    "OpenZeppelin ERC-20: transfer": 1_764 + 2 * (D + 32),
    "OpenZeppelin + dividends: transfer": 2_662 + 7 * (D + 32),
    "OpenZeppelin + dividends: claim": 2_662 + 4 * (D + 32) + 4_648,
}
print("\nproof counted / measured, KB of 1,024 bytes")
for name, counted in check.items():
    print(f"  {name:40} {counted / 1024:7.1f} {(ours | peers)[name][1]:7.1f}")

print(f"\nfee of a ms {RT_FEE * 10**9 / FACTOR / PLANCK:.6f} DOT, of a KB of proof {PROOF_FEE * 1024 / FACTOR / PLANCK:.6f}, "
      f"of a block's all {weight_fee(*BLOCK) / PLANCK:.3f}, base {weight_fee(*BASE) / PLANCK:.6f}, "
      f"of a byte {BYTE / PLANCK:.6f}, of 215 bytes {215 * BYTE / PLANCK:.5f} DOT")
print(f"a KB of proof is as dear as {BLOCK[0] / BLOCK[1] * 1024 / 1e9:.3f} ms")
print(f"each transaction's own: {OWN[0] / 1e9:.3f} ms and {OWN[1]} bytes = {OWN[1] / 1024:.1f} KB, the base's {BASE[0] / 1e9} ms besides")
print(f"normal calls of a block: {NORMAL[0] / 1e9:.0f} ms, {NORMAL[1]} bytes = {NORMAL[1] / 1024 / 1024:.1f} MiB")

rows = {}
print("\ncall; here KB; on Hub KB, ratio; with its own KB; length; DOT at 0.1, 1, 10; a block by metered proof, by compute; a second")
for name, (ms, kb, again, subcalls, delegated, data, value) in (ours | peers).items():
    more = sum(SLOT + n for n in again) + subcalls * SUBCALL_MORE + delegated * DELEGATE_MORE
    call = round(kb * 1024) + more
    ref_time, proof, length = round(ms * 1e9) + OWN[0], call + OWN[1], extrinsic(data, value)
    fees = [fee(ref_time, proof, length, m) for m in MULTIPLIERS]
    by_proof, by_time = NORMAL[1] // proof, NORMAL[0] // (ref_time + BASE[0])
    rows[name] = fees
    print(f"  {name:42} {kb:7.1f} {call / 1024:7.1f} {call / 1024 / kb:5.2f} {proof / 1024:7.1f} {length:5} "
          f"{fees[0]:.4f} {fees[1]:.4f} {fees[2]:.4f}  {by_proof:4} {by_time:5} {by_proof * BLOCKS_A_SECOND:6.1f}"
          f"  by {'proof' if PROOF_FEE * proof > RT_FEE * ref_time else 'compute'}")

print("\nno discount, no own proof: ratios of ours to the peer on Hub")
hub_kb = lambda n: ((ours | peers)[n][1] * 1024 + sum(SLOT + b for b in (ours | peers)[n][2]) + (ours | peers)[n][3] * SUBCALL_MORE)
for a, b in [("transfer, no registry", "OpenZeppelin + dividends: transfer"), ("claim of dividends", "OpenZeppelin + dividends: claim"),
             ("claim of dividends, no registry", "OpenZeppelin + dividends: claim"), ("deposit, no contributors' leg", "OpenZeppelin + dividends: deposit")]:
    print(f"  {a} / {b}: {hub_kb(a) / hub_kb(b):.2f}")

print(f"\na holder's first record ({ACCOUNT} bytes) locks {(ITEM + ACCOUNT * DEPOSIT_BYTE) / PLANCK:.4f} DOT")

# --- How fast the multiplier moves: v = 75 / 10^6, target a quarter of what normal calls may fill ----------------------------
v = 75e-6
down, up = 1 - (v * .25 - v * v / 2 * .25**2), 1 + (v * .75 + v * v / 2 * .75**2)
hours = lambda n: n / BLOCKS_A_SECOND / 3600
print(f"1 to 0.1 with empty blocks: {hours(math.log(10) / -math.log(down)):.0f} h; ten times with full ones: {hours(math.log(10) / math.log(up)):.0f} h")

# --- Rollups ---------------------------------------------------------------------------------------------------------------
ETH, DOT = 1569.68, 0.884              # READ: krabarena.com, 30 June 2026; creamcoin.com, 4 July 2026
usdc = {"Base": (0.0003593, 37_938), "OP Mainnet": (0.0000691, 37_938), "Arbitrum One": (0.0012922, 41_289)}  # READ: krabarena.com
gwei = {}
for chain, (usd, gas) in usdc.items():
    gwei[chain] = usd / ETH / gas * 1e9
    print(f"{chain}: all in {usd / ETH:.3e} ETH, {gwei[chain]:.4f} gwei for a gas")
FLAT, COLD, RESET, SET, WARM, LOG = 21_000, 2_100, 2_900, 20_000, 100, 375   # READ: EIP-2929, EIP-2200, yellow paper
log = lambda topics, data: LOG * (1 + topics) + 8 * data
transfer_data = 27 * 16 + 41 * 4
gas = {
    "OpenZeppelin ERC-20: transfer": FLAT + transfer_data + 2 * (COLD + RESET) + log(3, 32) + 1_000,
    "OpenZeppelin + dividends: transfer": FLAT + transfer_data + 7 * COLD + 6 * RESET + 4 * WARM + log(3, 32) + 2_000,
    "OpenZeppelin + dividends: deposit": FLAT + 64 + 2 * COLD + RESET + log(2, 64) + 1_000,
    # GUESS: 30 calls of 10 contracts, 40 cold slots, 4 written, ecrecover, code
    "T-REX without proxies: transfer, GUESS": FLAT + transfer_data + 10 * 2_600 + 40 * COLD + 4 * RESET + 30 * 700 + 3_000 + 2_000 + 20_000,
}
claim = FLAT + 64 + 4 * COLD + RESET + SET + 2 * WARM + 9_000 + log(2, 32) + 2_000
gas["OpenZeppelin + dividends: claim"] = claim - min(19_900, claim // 5)
gas["deposit with a second leg, GUESS"] = gas["OpenZeppelin + dividends: deposit"] + COLD + RESET
gas["claim of a contribution, GUESS"] = FLAT + 612 * 14 + 3 * COLD + 2 * RESET + SET + 2_600 + COLD + 9_000 + log(4, 64) + 14 * 200 + 3_000
for n in (2, 3):  # READ: ed25519 about 500,000 gas, ethresear.ch 13139
    gas[f"report, {n} ed25519 signatures, GUESS"] = FLAT + (REPORT + 96 * n) * 16 + 500_000 * n + 4 * (COLD + SET) + 60_000
print("\ngas; US cents on Base, OP Mainnet, Arbitrum One; micro-ETH on Base, Arbitrum One")
for name, g in gas.items():
    cents = [g * gwei[c] * 1e-9 * ETH * 100 for c in usdc]
    print(f"  {name:42} {g:9,} " + " ".join(f"{c:7.3f}" for c in cents) + f"   {g * gwei['Base'] / 1e3:.2f} {g * gwei['Arbitrum One'] / 1e3:.2f}")
print("\nUS cents on Hub at 0.1 and 1")
for name, fees in rows.items():
    print(f"  {name:42} {fees[0] * DOT * 100:7.3f} {fees[1] * DOT * 100:7.3f}")
