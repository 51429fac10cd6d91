// An HTTPS server on Node's TLS. Arguments: CHAIN KEY ROOT, then PORT MODE LOG of each listener.
// MODE is `request` (a certificate is asked for) or `require` (and one that does not verify is refused).
const fs = require('fs');
const https = require('https');

const [chain, key, root, ...listeners] = process.argv.slice(2);
for (let i = 0; i + 2 < listeners.length; i += 3) {
  const [port, mode, log] = listeners.slice(i, i + 3);
  const say = (line) => fs.appendFileSync(log, line + ' end\n');
  // Without the number of the thread in front.
  const refused = (error) => say(`refused ${error.code} ${error.message.trim().replace(/^[0-9A-F]{16}:/, '')}`);
  const server = https.createServer({
    cert: fs.readFileSync(chain),
    key: fs.readFileSync(key),
    ca: fs.readFileSync(root),
    requestCert: true,
    rejectUnauthorized: mode === 'require',
  }, (request, response) => {
    const socket = request.socket;
    const peer = socket.getPeerCertificate();
    const name = peer && peer.subject ? peer.subject.CN : 'nobody';
    const status = socket.authorized ? 200 : 401;
    say(`${socket.authorized ? 'accepted' : 'refused'} peer=${name} ${socket.authorizationError || ''}`);
    response.writeHead(status, { Connection: 'close' });
    response.end(`peer=${name}\n`);
  });
  // Without a complaint of its own: a handshake that is turned down after it was complete ends in silence.
  server.on('tlsClientError', refused);
  // A false signature of an authority leaves an error in the library's queue, which the next read takes for its own.
  server.on('clientError', (error, socket) => {
    refused(error);
    socket.destroy();
  });
  server.listen(Number(port), '127.0.0.1');
}
