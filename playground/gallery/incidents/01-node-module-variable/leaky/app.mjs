// Kept for as long as the execution environment lives, not for one request.
let someGlobalValue = null;

export const handler = async (event) => {
  if (someGlobalValue) {
    return {
      statusCode: 200,
      body: `warmstart, message=${someGlobalValue}`,
    };
  }
  someGlobalValue = event.queryStringParameters.message;
  return { statusCode: 200, body: "coldstart" };
};
