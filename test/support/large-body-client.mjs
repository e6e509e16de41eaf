// Sends large bodies concurrently and prints the status and code of each response. It runs in its own process: a client on
// the event loop of the service reads each response before it continues to write, and would therefore not notice a connection
// that is closed too early.
const { url, method, headers, chunked, sizes } = JSON.parse(process.argv[2]);

const createBody = (size) => {
  let bytes = Buffer.from(`{"name":"${'x'.repeat(size - 11)}"}`);
  if (!chunked) return bytes;
  return new ReadableStream({
    pull(controller) {
      const chunk = bytes.subarray(0, 65_536);
      bytes = bytes.subarray(65_536);
      if (chunk.length === 0) controller.close();
      else controller.enqueue(chunk);
    },
  });
};

const sendBody = async (size) => {
  try {
    const response = await fetch(url, { method, headers, body: createBody(size), duplex: 'half' });
    return `${response.status} ${(await response.json()).code}`;
  } catch (error) {
    return `${error.cause?.code ?? error.message}`;
  }
};

console.log(JSON.stringify(await Promise.all(sizes.map(sendBody))));
process.exit();
