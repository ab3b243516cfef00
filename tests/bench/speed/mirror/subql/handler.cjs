// @subql/node runs this in a sandbox of its own, after events.cjs and a line that names POOLS. Its store keeps rows in memory and writes many
// at once; holders are read from there.
const pools = new Set(POOLS);

async function move(pool, account, value) {
  if (account === ZERO) return;
  const id = `${pool}-${account}`;
  const holder = (await store.get('Holder', id)) ?? { id, pool, account, balance: 0n };
  holder.balance += value;
  await store.set('Holder', id, holder);
}

exports.emitted = async ({ idx, block, event }) => {
  const [contract, data, topics] = event.data;
  const told = read({ contract: contract.toHex(), data: data.toHex(), topics: topics.map((topic) => topic.toHex()) }, pools);
  if (told === undefined) return;
  const { kind, ...row } = told;
  const number = block.block.header.number.toNumber();
  const id = `${number}-${idx}`;
  Object.assign(row, { id, block: number, eventIndex: idx });
  if (kind === 'transfer') {
    await store.set('Transfer', id, row);
    await move(row.pool, row.sender, -row.value);
    await move(row.pool, row.recipient, row.value);
  } else if (kind === 'deposit') await store.set('Deposit', id, row);
  else await store.set('Claim', id, { ...row, kind });
};
