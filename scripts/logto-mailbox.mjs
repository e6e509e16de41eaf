// A mailbox for a real Logto's HTTP email and HTTP SMS connectors.
//   node scripts/logto-mailbox.mjs --serve     receives what the connectors post
//   node scripts/logto-mailbox.mjs <address>   prints the latest code sent to an email address or phone number
import { createServer } from 'node:http';

const port = Number(process.env.MAILBOX_PORT ?? 3025);
const host = process.env.MAILBOX_HOST ?? '127.0.0.1';
const fail = (message) => {
  console.error(message);
  process.exit(1);
};
/** Reduces phones to digits and emails to lower case. */
const canonicalize = (address) => (address.includes('@') ? address.trim().toLowerCase() : address.replace(/\D/g, ''));

const serve = () => {
  const codes = new Map();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const respond = (status, text = '') => response.writeHead(status).end(text);
      if (request.method === 'GET') {
        const code = codes.get(canonicalize(new URL(request.url, 'http://mailbox').searchParams.get('address') ?? ''));
        return code ? respond(200, code) : respond(404);
      }
      try {
        const { to, payload } = JSON.parse(body);
        codes.set(canonicalize(to), payload.code);
        return respond(200);
      } catch {
        return respond(400);
      }
    });
  });
  server.listen(port, host, () => console.log(`mailbox: http://${host}:${port}`));
};

const [argument, ...rest] = process.argv.slice(2);
if (argument === undefined || rest.length > 0) fail('usage: node scripts/logto-mailbox.mjs --serve | <address>');
if (argument === '--serve') serve();
else {
  const url = `http://127.0.0.1:${port}/?address=${encodeURIComponent(argument)}`;
  const response = await fetch(url).catch(() => fail(`No mailbox responds at port ${port}.`));
  if (!response.ok) fail(`No code was sent to ${argument}.`);
  console.log(await response.text());
}
