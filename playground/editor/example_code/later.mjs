let receipt = null;

export const handler = async (event) => {
  const { customer, order, action } = event.queryStringParameters;
  if (action === "later") {
    // Nobody waits for this: the environment is frozen first, and it goes on in the next request.
    setTimeout(() => {
      receipt = order;
      console.log(`Receipt written for ${order}`);
    }, 50);
  } else {
    await new Promise((done) => setTimeout(done, 200));
  }
  return { customer, receipt };
};
