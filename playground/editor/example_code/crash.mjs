import { appendFileSync, readFileSync } from "node:fs";

// A crash empties this list. It does not empty /tmp.
const basket = [];

export const handler = async (event) => {
  const { customer, order, action } = event.queryStringParameters;
  basket.push(order);
  appendFileSync("/tmp/orders.txt", `${order}\n`);
  if (action === "crash") process.exit(1);
  return { customer, basket, file: readFileSync("/tmp/orders.txt", "utf8").trim().split("\n") };
};
