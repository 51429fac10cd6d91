// An HTTPS client on Node's TLS. Arguments: PORT PATH VERSION ROOT [CHAIN KEY].
const fs = require('fs');
const https = require('https');

const [port, path, version, root, chain, key] = process.argv.slice(2);
const options = {
  host: '127.0.0.1',
  port: Number(port),
  path,
  servername: 'localhost',
  ca: fs.readFileSync(root),
  minVersion: `TLSv${version}`,
  maxVersion: `TLSv${version}`,
  agent: false,
};
if (chain) {
  options.cert = fs.readFileSync(chain);
  options.key = fs.readFileSync(key);
}
const failed = (error) => {
  console.log('error', error.code, error.message);
  process.exitCode = 1;
};
try {
  const request = https.request(options, (response) => {
    console.log(`HTTP/1.1 ${response.statusCode}`);
    response.on('error', failed);
    response.resume();
  });
  request.on('error', failed);
  request.end();
} catch (error) {
  console.log('not tried', error.code, error.message);
}
