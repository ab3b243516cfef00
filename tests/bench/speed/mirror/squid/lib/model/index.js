// What the squid stores: the same rows as the mirror has, in the types that its makers' code generator takes for them.
require('reflect-metadata');
const {
  Entity, PrimaryColumn, IntColumn, StringColumn, BigIntColumn,
} = require('@subsquid/typeorm-store');

function entity(name, columns) {
  const model = { [name]: class { constructor(of) { Object.assign(this, of); } } }[name];
  Reflect.defineMetadata('design:type', String, model.prototype, 'id');
  PrimaryColumn()(model.prototype, 'id');
  for (const [column, decorate] of Object.entries(columns)) decorate(model.prototype, column);
  Entity()(model);
  return model;
}

const text = StringColumn({ nullable: false });
const number = IntColumn({ nullable: false });
const amount = BigIntColumn({ nullable: false });
const place = { block: number, eventIndex: number, pool: text };

exports.Transfer = entity('Transfer', { ...place, sender: text, recipient: text, value: amount });
exports.Deposit = entity('Deposit', { ...place, stream: text, period: number, payer: text, amount, toHolders: amount });
exports.Claim = entity('Claim', { ...place, account: text, kind: text, amount });
exports.Holder = entity('Holder', { pool: text, account: text, balance: amount });
