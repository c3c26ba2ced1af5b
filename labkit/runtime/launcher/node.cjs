// Runs a Node.js function as AWS's runtime client does: fetch an event from the Runtime API, call the handler, answer.
//
// It speaks HTTP itself over one connection and is no ES module, since http.request and the loader of ES modules would
// each lengthen every cold start.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html and nodejs-logging.html
"use strict";

const fs = require("node:fs");
const { createRequire } = require("node:module");
const net = require("node:net");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { format, types } = require("node:util");

const API = "/2018-06-01/runtime/";
const JSON_LOG = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON";
const LEVELS = {
  trace: "TRACE", debug: "DEBUG", info: "INFO", log: "INFO", warn: "WARN", error: "ERROR", fatal: "FATAL",
};
const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|::1|::ffff:127\..*|0\.0\.0\.0|::)\.?$/i;
const SDK_MISSING =
  "labkit: Lambda's Node.js has the modules of @aws-sdk, this machine's has not; put them into the zip or a layer";
const LAST_WITH_CALLBACKS = 22; // nodejs24.x and later only take what a handler returns

const STREAMS = Symbol.for("aws.lambda.runtime.handler.streaming");

let requestId; // of the invocation, or of the last one; undefined during Init, and so in the log
let underWay = false; // an invocation, which an exception outside the handler then fails
let initialised = false;
let ending = false;
let whenNothingIsLeft = () => {}; // called when the event loop is empty

async function main() {
  logThroughFrames(Number(process.env._LAMBDA_TELEMETRY_LOG_FD));
  delete process.env._LAMBDA_TELEMETRY_LOG_FD;
  process.on("uncaughtException", (error) => end("Uncaught Exception", error, 129));
  process.on("unhandledRejection", (reason) => end("Unhandled Promise Rejection", unhandledRejection(reason), 128));
  process.on("beforeExit", () => whenNothingIsLeft());
  refuseOutsideConnections();
  const api = new Connection();
  const { LAMBDA_TASK_ROOT: task, LAMBDA_RUNTIME_DIR: runtime, _HANDLER: name } = process.env;
  const handler = await load(task, `${runtime}/index.mjs`, name);
  const call = handler[STREAMS] ? undefined : takesCallbacks() ? callWithCallback : callAndAwait;
  if (call === callAndAwait && handler.length >= 3) throw callbackDeprecated();
  initialised = true;
  for (;;) await serve(api, handler, call);
}

async function serve(api, handler, call) {
  const { headers, body } = await api.request("GET", "invocation/next");
  requestId = headers["lambda-runtime-aws-request-id"];
  process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"] ?? "";
  underWay = true;
  const stream = handler[STREAMS] ? responseStream(api) : undefined;
  let answer;
  try {
    const [event, context] = [JSON.parse(body), contextOf(headers)];
    if (stream) await callAndStream(handler, event, stream, context);
    else answer = ["response", serialised(await call(handler, event, context))];
  } catch (error) {
    logError("Invoke Error", error);
    answer = ["error", JSON.stringify(payloadOf(error)), payloadOf(error).errorType];
  }
  await new Promise(setImmediate); // a rejection that nobody handles fails the invocation that caused it
  if (ending) await new Promise(() => {});
  underWay = false;
  if (stream?.begun) await api.finish(answer);
  else await api.post(`invocation/${requestId}/${answer[0]}`, ...answer.slice(1));
}

function serialised(result) {
  try {
    return JSON.stringify(result === undefined ? null : result);
  } catch {
    throw new Error("Unable to stringify response body");
  }
}

// Calling the handler.

/** As nodejs24.x and later: the answer is what the handler returns. */
async function callAndAwait(handler, event, context) {
  return new Promise((resolve, reject) => {
    whenNothingIsLeft = () => reject(neverSettled());
    Promise.resolve(handler(event, context)).then(resolve, reject);
  });
}

/** As up to nodejs22.x: the answer is a promise's, the callback's or the context's; null when none of them comes. */
async function callWithCallback(handler, event, context) {
  return new Promise((resolve, reject) => {
    let called = false;
    const done = (error, result) => (error === undefined || error === null ? resolve(result) : reject(error));
    const callback = (error, result) => {
      if (called) return;
      called = true;
      if ((error !== undefined && error !== null) || !context.callbackWaitsForEmptyEventLoop) done(error, result);
      else whenNothingIsLeft = () => resolve(result);
    };
    whenNothingIsLeft = types.isAsyncFunction(handler) ? () => reject(neverSettled()) : () => resolve(null);
    Object.assign(context, {
      callbackWaitsForEmptyEventLoop: true,
      done,
      succeed: resolve,
      fail: (error) => reject(error ?? "handled"),
    });
    const returned = handler(event, context, callback);
    if (typeof returned?.then === "function") returned.then(resolve, reject);
  });
}

function takesCallbacks() {
  const version = /nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV);
  return Number(version[1]) <= LAST_WITH_CALLBACKS;
}

function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const parsed = (name) => (headers[name] === undefined ? undefined : JSON.parse(headers[name]));
  return {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: requestId,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed("lambda-runtime-client-context"),
    identity: parsed("lambda-runtime-cognito-identity"),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

// Streaming a response, where the handler is made with awslambda.streamifyResponse.
// https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html

globalThis.awslambda = {
  streamifyResponse(handler) {
    handler[STREAMS] = "response";
    return handler;
  },
  HttpResponseStream: {
    from(stream, metadata) {
      stream.setContentType("application/vnd.awslambda.http-integration-response");
      stream.write(JSON.stringify(metadata));
      stream.write(Buffer.alloc(8));
      return stream;
    },
  },
};

function responseStream(api) {
  const { Writable } = require("node:stream");
  let contentType = "application/octet-stream";
  const begin = () => {
    if (!stream.begun) api.begin(`invocation/${requestId}/response`, contentType);
    stream.begun = true;
  };
  const stream = new Writable({
    write(piece, encoding, done) {
      begin();
      api.piece(piece, done);
    },
    final(done) {
      begin();
      done();
    },
  });
  stream.setContentType = (type) => (contentType = type);
  return stream;
}

/** Until the handler has settled and its stream has ended. */
async function callAndStream(handler, event, stream, context) {
  return new Promise((resolve, reject) => {
    whenNothingIsLeft = () => reject(neverSettled());
    const finished = new Promise((done, failed) => stream.once("finish", done).once("error", failed));
    Promise.all([handler(event, stream, context), finished]).then(resolve, reject);
  });
}

// Loading the handler.

/** The function that `handler` names: "index.handler", "src/app.handler", "index.api.get". */
async function load(task, runtime, handler) {
  const [, folder, file, names] = /^((?:.*\/)?)([^./]*)\.([^/]*)$/.exec(handler) ?? [];
  if (file === undefined || handler.includes("..")) {
    throw runtimeError("MalformedHandlerName", `'${handler}' is not a valid handler name.`);
  }
  const module = await imported(path.resolve(task, folder), file, createRequire(runtime));
  const found = names.split(".").reduce((value, name) => value?.[name], module);
  if (!found) throw runtimeError("HandlerNotFound", `${handler} is undefined or not exported`);
  if (typeof found !== "function") throw runtimeError("HandlerNotFound", `${handler} is not a function`);
  return found;
}

async function imported(folder, file, require) {
  const base = path.join(folder, file);
  try {
    if (fs.existsSync(`${base}.js`)) {
      return hasModules(folder) ? await import(pathToFileURL(`${base}.js`)) : require(`${base}.js`);
    }
    if (fs.existsSync(`${base}.mjs`)) return await import(pathToFileURL(`${base}.mjs`));
    if (fs.existsSync(`${base}.cjs`)) return require(`${base}.cjs`);
    return require(require.resolve(file, { paths: [folder] }));
  } catch (error) {
    if (/'@aws-sdk\//.test(error?.message)) console.warn(SDK_MISSING);
    if (error instanceof SyntaxError) throw runtimeError("UserCodeSyntaxError", String(error), error.stack);
    if (error?.code === "MODULE_NOT_FOUND") throw runtimeError("ImportModuleError", String(error));
    throw error;
  }
}

/** Whether the nearest package.json says that .js files in this folder are ES modules. */
function hasModules(folder) {
  const description = path.join(folder, "package.json");
  if (fs.existsSync(description)) return JSON.parse(fs.readFileSync(description, "utf8")).type === "module";
  const parent = path.dirname(folder);
  return parent !== folder && path.basename(folder) !== "node_modules" && hasModules(parent);
}

// Errors.

/** The error that the runtime itself tells of; `stack` is the cause's where that says more. */
function runtimeError(name, message, stack) {
  const error = new Error(message);
  error.name = `Runtime.${name}`;
  Error.captureStackTrace(error, runtimeError);
  if (stack !== undefined) error.stack = stack;
  return error;
}

function unhandledRejection(reason) {
  return Object.assign(runtimeError("UnhandledPromiseRejection", String(reason)), { reason });
}

function neverSettled() {
  return runtimeError("NodeJsExit", "nothing is left to wait for, but the promise of the handler was never settled");
}

function callbackDeprecated() {
  const message =
    "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. " +
    "Return a value or a promise instead, or use an earlier runtime.";
  return runtimeError("CallbackHandlerDeprecated", message);
}

/** What the caller gets. */
function payloadOf(error) {
  if (types.isNativeError(error)) {
    return { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split("\n") };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

/** Log an exception that nothing has caught, fail with it what is under way, and end the process. */
async function end(title, error, status) {
  ending = true;
  logError(title, error);
  const api = new Connection(); // the other one may be waiting for the next event
  const { errorType } = payloadOf(error);
  if (underWay) await api.post(`invocation/${requestId}/error`, JSON.stringify(payloadOf(error)), errorType);
  if (!initialised) await api.post("init/error", JSON.stringify(payloadOf(error)), errorType);
  process.exit(status);
}

// The log.

/** Let console write each message as one record in Lambda's form, however many lines it has. */
function logThroughFrames(descriptor) {
  const levels = Object.values(LEVELS);
  const lowest = levels.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL);
  for (const [method, level] of Object.entries(LEVELS)) {
    const wanted = levels.indexOf(level) >= lowest;
    console[method] = (...values) => wanted && writeFrame(descriptor, level, values);
  }
}

function writeFrame(descriptor, level, values) {
  const now = new Date();
  const text = Buffer.from(`${(JSON_LOG ? asJson : asText)(now.toISOString(), level, values)}\n`);
  const header = Buffer.alloc(16);
  header.writeUInt32BE(0xa55a0003, 0);
  header.writeUInt32BE(text.length, 4);
  header.writeBigUInt64BE(BigInt(now.getTime()) * 1000n, 8);
  fs.writeSync(descriptor, Buffer.concat([header, text]));
}

function asText(time, level, values) {
  return `${time}\t${requestId}\t${level}\t${format(...values)}`;
}

function asJson(timestamp, level, values) {
  const record = { timestamp, level, requestId };
  const error = values.find(types.isNativeError);
  if (values.length === 1) {
    return stringified({ ...record, message: values[0] }, asLogged, () => ({ ...record, message: format(values[0]) }));
  }
  return JSON.stringify({ ...record, message: format(...values), ...(error && asLogged("", error)) });
}

function asLogged(_, value) {
  if (!types.isNativeError(value)) return value;
  const stackTrace = String(value.stack).split("\n");
  return { ...value, errorType: value.constructor.name, errorMessage: value.message, stackTrace };
}

function logError(title, error) {
  const shown = types.isNativeError(error) ? error : new Error(error);
  if (JSON_LOG) return console.error(shown);
  console.error(title, `\t${stringified(shown, withDetails, () => payloadOf(error))}`);
}

function withDetails(_, value) {
  if (!types.isNativeError(value)) return value;
  const { name: errorType, message: errorMessage, code } = value;
  return { errorType, errorMessage, code, ...value, stack: String(value.stack).split("\n") };
}

/** As JSON, or what `otherwise` gives when JSON can't hold it: what contains itself, a BigInt. */
function stringified(value, replacer, otherwise) {
  try {
    return JSON.stringify(value, replacer);
  } catch {
    return JSON.stringify(otherwise());
  }
}

// The network.

/** As launcher/guard.py for Python: what the function connects to is this machine, and so the account on it. */
function refuseOutsideConnections() {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...given) {
    const first = Array.isArray(given[0]) ? given[0][0] : given[0]; // net.connect hands on its arguments as an array
    const host = typeof first === "object" ? first.host : typeof given[1] === "string" ? given[1] : undefined;
    if (host === undefined || LOOPBACK.test(host)) return connect.apply(this, given);
    const refusal = `labkit keeps everything on this machine, so the connection to '${host}' was refused.`;
    return this.destroy(new Error(`${refusal} A function reaches only the account that labkit runs.`));
  };
}

// The Runtime API.

/** One connection to the Runtime API, on which one request is answered after the other. */
class Connection {
  constructor() {
    const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
    this.socket = net.connect({ host, port: Number(port), noDelay: true });
    this.socket.on("data", (data) => this.receive(data));
    this.socket.on("error", () => process.exit(1)); // the platform has gone
    this.socket.unref(); // waiting for it is no work that is left
  }

  async request(method, place, body = "", headers = []) {
    const length = `Content-Length: ${Buffer.byteLength(body)}`;
    const head = [`${method} ${API}${place} HTTP/1.1`, "Host: runtime", length, ...headers, "", ""].join("\r\n");
    this.received = [];
    this.missing = undefined; // bytes, once the head of the answer has told how long it is
    this.socket.ref();
    return new Promise((resolve) => {
      this.answered = resolve;
      this.socket.write(head + body);
    });
  }

  async post(place, body, errorType) {
    const type = errorType === undefined ? [] : [`Lambda-Runtime-Function-Error-Type: ${errorType}`];
    return this.request("POST", place, body, ["Content-Type: application/json", ...type]);
  }

  /** Begin to post a body of which the length is not known yet; `piece` sends some of it, `finish` ends it. */
  begin(place, contentType) {
    const mode = ["Lambda-Runtime-Function-Response-Mode: streaming", `Content-Type: ${contentType}`];
    const trailers = "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body";
    const head = [`POST ${API}${place} HTTP/1.1`, "Host: runtime", "Transfer-Encoding: chunked", ...mode, trailers, "", ""];
    this.received = [];
    this.missing = undefined;
    this.socket.ref();
    this.answer = new Promise((resolve) => (this.answered = resolve));
    this.socket.write(head.join("\r\n"));
  }

  piece(data, done) {
    if (data.length === 0) return done();
    this.socket.write(`${data.length.toString(16)}\r\n`);
    this.socket.write(data);
    this.socket.write("\r\n", done);
  }

  async finish(error) {
    const [, body, type] = error ?? [];
    const trailers = type === undefined ? [] : [
      `Lambda-Runtime-Function-Error-Type: ${type}`,
      `Lambda-Runtime-Function-Error-Body: ${Buffer.from(body).toString("base64")}`,
    ];
    this.socket.write(["0", ...trailers, "", ""].join("\r\n"));
    return this.answer;
  }

  receive(data) {
    this.received.push(data);
    if (this.missing === undefined) {
      const all = Buffer.concat(this.received);
      const end = all.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.headers = headersOf(all.toString("utf8", 0, end));
      this.received = [all.subarray(end + 4)];
      this.missing = Number(this.headers["content-length"]) - this.received[0].length;
    } else {
      this.missing -= data.length;
    }
    if (this.missing > 0) return;
    this.socket.unref();
    this.answered({ headers: this.headers, body: Buffer.concat(this.received).toString("utf8") });
  }
}

function headersOf(head) {
  const fields = head.split("\r\n").slice(1).map((line) => /^([^:]*): *(.*)$/.exec(line));
  return Object.fromEntries(fields.map(([, name, value]) => [name.toLowerCase(), value]));
}

main().catch((error) => end("Uncaught Exception", error, 129));
