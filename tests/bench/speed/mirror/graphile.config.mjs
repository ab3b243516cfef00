// postgraphile as its makers start it, with as many connections as the others have. DATABASE_URL, CONNECTIONS
// and PORT say where.
import { createRequire } from 'node:module';

// Modules of this kind are not looked for in NODE_PATH.
const require = createRequire(`${process.env.PLACE}/`);
const { PostGraphileAmberPreset } = require('postgraphile/presets/amber');
const { makePgService } = require('postgraphile/adaptors/pg');

export default {
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ['mirror', 'graph'],
      pubsub: false,
      poolConfig: { max: Number(process.env.CONNECTIONS) },
    }),
  ],
  grafserv: { host: '127.0.0.1', port: Number(process.env.PORT), watch: false, graphiql: false },
};
