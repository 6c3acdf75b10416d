// What belongs to one request lives inside the handler and ends with it.
export const handler = async (event) => {
  const message = event.queryStringParameters.message;
  return { statusCode: 200, body: `message=${message}` };
};
