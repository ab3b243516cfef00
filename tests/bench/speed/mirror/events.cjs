// The events that all sides store, read the same way: topic 0 names one, the rest is words of 32 bytes.
const ZERO = '0x' + '00'.repeat(20);

const TOPICS = {
  '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef': 'transfer',
  '0xaf16117cae1d03b0265d73d10dfffbe5f5fc7cb517dd76c7b81c5814e1c0935a': 'deposit',
  '0x5efa67896a23b651b741b525caacba039c00ca7853be3de8eb1f4269e8669c56': 'dividend',
  '0x08b074875685fd47ba00e830d058ffcde1ffe3e5a4142b546a2d57254d8fb918': 'contribution',
};

const address = (word) => '0x' + word.slice(-40);
const word = (data, at) => BigInt('0x' + data.slice(2 + at * 64, 66 + at * 64));

// What a log of one of our pools says; nothing for any other log.
function read({ contract, topics, data }, pools) {
  const kind = TOPICS[topics[0]];
  if (kind === undefined || !pools.has(contract)) return undefined;
  switch (kind) {
    case 'transfer':
      return { kind, pool: contract, sender: address(topics[1]), recipient: address(topics[2]), value: word(data, 0) };
    case 'deposit':
      return {
        kind, pool: contract, stream: topics[1], period: Number(topics[2]), payer: address(topics[3]),
        amount: word(data, 0), toHolders: word(data, 1),
      };
    case 'dividend':
      return { kind, pool: contract, account: address(topics[1]), amount: word(data, 0) };
    default:
      return { kind, pool: contract, account: address(topics[3]), amount: word(data, 0) };
  }
}

module.exports = { ZERO, read };
