// OpenZeppelin's tree of the entries in a file, an account and a weight a line: prints a line of JSON.
//
//   peer.cjs ENTRIES
const { readFileSync } = require("node:fs");
const { StandardMerkleTree } = require("@openzeppelin/merkle-tree");

const entries = readFileSync(process.argv[2], "utf8").trimEnd().split("\n").map((line) => line.split(" "));
const began = performance.now();
const tree = StandardMerkleTree.of(entries, ["address", "uint256"]);
const seconds = (performance.now() - began) / 1000;
console.log(JSON.stringify({ root: tree.root, seconds, peak_mb: Math.round(process.resourceUsage().maxRSS / 1024) }));
