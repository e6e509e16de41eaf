// Sends large bodies concurrently and prints the status and code of each response. It runs in its own process, because a
// client on the service's event loop reads each response before it continues to write, so it would never notice a connection
// that is closed too early.
const { url, method, headers, chunked, sizes } = JSON.parse(process.argv[2]);

const body = (size) => {
  let bytes = Buffer.from(`{"name":"${'x'.repeat(size - 11)}"}`);
  if (!chunked) return bytes;
  return new ReadableStream({
    pull(controller) {
      const piece = bytes.subarray(0, 65_536);
      bytes = bytes.subarray(65_536);
      if (piece.length === 0) controller.close();
      else controller.enqueue(piece);
    },
  });
};

const outcome = async (size) => {
  try {
    const response = await fetch(url, { method, headers, body: body(size), duplex: 'half' });
    return `${response.status} ${(await response.json()).code}`;
  } catch (error) {
    return `${error.cause?.code ?? error.message}`;
  }
};

console.log(JSON.stringify(await Promise.all(sizes.map(outcome))));
process.exit();
