// Every request that this environment serves shares this list.
const basket = [];

export const handler = async (event) => {
  const { customer, order } = event.queryStringParameters;
  basket.push(order);
  return { customer, basket };
};
