// Each execution environment has a copy of this variable: prepared ahead of the requests, and kept between them.
let someGlobalValue = null;

export const handler = async (event) => {
  const how = process.env.AWS_LAMBDA_INITIALIZATION_TYPE;
  if (someGlobalValue) {
    return { statusCode: 200, body: `${how}, message=${someGlobalValue}` };
  }
  someGlobalValue = event.queryStringParameters.message;
  return { statusCode: 200, body: `${how}, first request here` };
};
