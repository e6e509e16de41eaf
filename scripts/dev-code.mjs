// Prints the latest code that the running development Logto has sent to an email address or phone number.
import { setTimeout as delay } from 'node:timers/promises';

const fail = (message) => {
  console.error(message);
  process.exit(1);
};
const [address, ...rest] = process.argv.slice(2);
if (address === undefined || rest.length > 0) fail('usage: dev:code -- <email or phone>');

const endpoint = `http://127.0.0.1:${process.env.DEV_LOGTO_PORT ?? 3001}`;
const request = () =>
  fetch(`${endpoint}/dev/codes?address=${encodeURIComponent(address)}`).catch(() =>
    fail(`No development Logto responds at ${endpoint}.`),
  );
let response = await request();
// The service sends codes to new addresses after its response.
for (let wait = 0; response.status === 404 && wait < 20; wait += 1) {
  await delay(100);
  response = await request();
}
const { code, message } = await response.json();
if (!response.ok) fail(message);
console.log(code);
