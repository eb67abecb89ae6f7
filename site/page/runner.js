// Starts the worker that runs a plugin, in a frame without an origin that can reach nothing. The page sends the worker's text, and a port for it.

addEventListener('message', ({ data: text, ports: [port] }) => {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  const worker = new Worker(address);
  worker.addEventListener('error', ({ message }) => parent.postMessage({ broken: String(message) }, '*'));
  worker.postMessage(port, [port]);
}, { once: true });
parent.postMessage({ ready: true }, '*');
