// What belongs to one request lives inside the handler, however the environment was prepared.
export const handler = async (event) => {
  const how = process.env.AWS_LAMBDA_INITIALIZATION_TYPE;
  const message = event.queryStringParameters.message;
  return { statusCode: 200, body: `${how}, message=${message}` };
};
