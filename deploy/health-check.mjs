// The health check of the image, which has no curl: exit code 0 if the server is ready. It asks on the port of the server's
// own variables; a server whose port, or whose certificate, is given by a flag needs a check of its own.
import http from 'node:http';
import https from 'node:https';
import process from 'node:process';

const { ISOVEC_PORT: port = '8080', ISOVEC_TLS_CERT: certificate = '' } = process.env;
const options = { host: '127.0.0.1', port, path: '/health/ready', timeout: 4000 };

/** @param {number} code */
function end(code) {
  process.exit(code);
}

// The certificate is for another name than the loopback address: it is the server's health that is asked for here.
const request =
  certificate === '' ? http.get(options, answer) : https.get({ ...options, rejectUnauthorized: false }, answer);
request.once('timeout', () => {
  end(1);
});
request.once('error', () => {
  end(1);
});

/** @param {http.IncomingMessage} response */
function answer(response) {
  end(response.statusCode === 200 ? 0 : 1);
}
