// Connects with the Node SDK: reads jobs from standard input and prints their outcomes, one JSON object a line.
import { createRequire } from 'node:module';
import readline from 'node:readline';

const require = createRequire(import.meta.url);

// Every new client reads the same protocol definitions again, which takes far longer than to connect: keep them.
function remember(object, method) {
  const read = object[method].bind(object);
  const known = new Map();
  object[method] = (definitions, ...rest) => {
    if (!known.has(definitions)) known.set(definitions, read(definitions, ...rest));
    return known.get(definitions);
  };
}
remember(require('@grpc/proto-loader'), 'fromJSON');
remember(require('protobufjs').Root, 'fromJSON');

const { MilvusClient } = require('@zilliz/milvus2-sdk-node');

const AT_ONCE = 16; // most of the time goes into waiting before the SDK tries again
const PATIENCE = 60_000; // milliseconds, far more than a connection takes on a busy machine

const tls = ({ root, cert, key, serverName }) => ({
  ...(root && { rootCertPath: root }),
  ...(cert && { certChainPath: cert, privateKeyPath: key }),
  ...(serverName && { serverName }),
});

async function connect(job) {
  let client;
  try {
    client = new MilvusClient({
      address: `${job.host}:${job.port}`,
      ssl: !job.plaintext,
      ...(!job.plaintext && { tls: tls(job) }),
      token: job.user,
      timeout: PATIENCE,
      logLevel: 'error',
      telemetry: { enabled: false },
    });
    await client.connectPromise;
    await client.showCollections();
    return { ok: true };
  } catch (error) {
    if (error.code === 4) throw error; // DEADLINE_EXCEEDED is nobody's refusal
    return { ok: false, shown: error.message };
  } finally {
    await client?.closeConnection().catch(() => {});
  }
}

async function worker(lines) {
  for await (const line of lines) {
    const job = JSON.parse(line);
    console.log(JSON.stringify({ id: job.id, ...(await connect(job)) }));
  }
}

if (process.argv[2] === '--version') {
  console.log(`@zilliz/milvus2-sdk-node ${MilvusClient.sdkInfo.version}, Node ${process.version}, OpenSSL ${process.versions.openssl}`);
} else {
  const jobs = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const lines = { [Symbol.asyncIterator]: () => ({ next: () => jobs.next() }) }; // shared by the workers
  await Promise.all(Array.from({ length: AT_ONCE }, () => worker(lines)));
  process.exit(0);
}
