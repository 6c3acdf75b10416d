export const handler = async (event) => {
  const { customer, order, action } = event.queryStringParameters;
  console.log(`Charging ${customer} for ${order}`);
  if (action === "fail") throw new Error("The payment service does not answer.");
  return { customer, charged: order };
};
