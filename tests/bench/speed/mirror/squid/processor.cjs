// The peer: @subsquid/substrate-processor with typeorm-store, from the node alone. NODE_URL, POOLS (addresses with commas
// between) and TO (the last block) say what; DB_HOST, DB_PORT, DB_NAME, DB_USER say where. It ends after that block.
const { SubstrateBatchProcessor } = require('@subsquid/substrate-processor');
const { TypeormDatabase } = require('@subsquid/typeorm-store');
const { ZERO, read } = require('../events.cjs');
const { Transfer, Deposit, Claim, Holder } = require('./lib/model');

const pools = new Set(process.env.POOLS.toLowerCase().split(','));

const processor = new SubstrateBatchProcessor()
  .setRpcEndpoint({ url: process.env.NODE_URL, capacity: 20, maxBatchCallSize: 100, requestTimeout: 60_000 })
  .setRpcDataIngestionSettings({ newHeadTimeout: 60_000 })
  .setFinalityConfirmation(0)
  .setBlockRange({ from: 0, to: Number(process.env.TO) })
  .setFields({ event: { name: true, args: true } })
  .addEvent({ name: ['Revive.ContractEmitted'] });

// Balances are kept in memory and never read back: the most that a careful squid does.
const holders = new Map();

function move(changed, pool, account, value) {
  if (account === ZERO) return;
  const id = `${pool}-${account}`;
  let holder = holders.get(id);
  if (holder === undefined) holders.set(id, (holder = new Holder({ id, pool, account, balance: 0n })));
  holder.balance += value;
  changed.add(holder);
}

const database = new TypeormDatabase({ supportHotBlocks: false, projectDir: __dirname });
processor.run(database, async ({ blocks, store }) => {
  const [transfers, deposits, claims, changed] = [[], [], [], new Set()];
  for (const { header, events } of blocks) {
    for (const event of events) {
      const told = event.name === 'Revive.ContractEmitted' ? read(event.args, pools) : undefined;
      if (told === undefined) continue;
      const { kind, ...row } = told;
      Object.assign(row, { id: event.id, block: header.height, eventIndex: event.index });
      if (kind === 'transfer') {
        transfers.push(new Transfer(row));
        move(changed, row.pool, row.sender, -row.value);
        move(changed, row.pool, row.recipient, row.value);
      } else if (kind === 'deposit') deposits.push(new Deposit(row));
      else claims.push(new Claim({ ...row, kind }));
    }
  }
  await store.upsert([...changed]);
  await store.insert(transfers);
  await store.insert(deposits);
  await store.insert(claims);
});
