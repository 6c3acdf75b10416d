// Makes calls of Lambda's API with AWS's SDK for JavaScript, read as JSON, and prints the answers as JSON.
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const [folder, endpoint] = process.argv.slice(2);
const sdk = createRequire(`${folder}/`)("@aws-sdk/client-lambda");
const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const client = new sdk.LambdaClient({ endpoint, credentials, region: "us-east-1", maxAttempts: 1 });

async function heard(stream) {
  const parts = [];
  for await (const part of stream) {
    parts.push(part.PayloadChunk ? Buffer.from(part.PayloadChunk.Payload).toString() : Object.keys(part)[0]);
  }
  return parts;
}

async function told([operation, parameters]) {
  if (parameters.ZipFile) parameters.ZipFile = Buffer.from(parameters.ZipFile, "base64");
  try {
    const { $metadata, ...answer } = await client.send(new sdk[`${operation}Command`](parameters));
    if (answer.Payload) answer.Payload = Buffer.from(answer.Payload).toString();
    if (answer.EventStream) answer.EventStream = await heard(answer.EventStream);
    return answer;
  } catch (error) {
    return { error: error.name };
  }
}

const answers = [];
for (const call of JSON.parse(await text(process.stdin))) answers.push(await told(call));
console.log(JSON.stringify(answers));
