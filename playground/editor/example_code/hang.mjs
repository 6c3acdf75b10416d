import { appendFileSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

// A timeout starts the process anew, so this list is empty again. What is in /tmp stays.
const basket = [];

export const handler = async (event) => {
  const { customer, order, action } = event.queryStringParameters;
  basket.push(order);
  appendFileSync("/tmp/orders.txt", `${order}\n`);
  if (action === "hang") await wait(60_000);
  return { customer, basket, file: readFileSync("/tmp/orders.txt", "utf8").trim().split("\n") };
};
