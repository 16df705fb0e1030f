// What the calibration set measured: its name, how its values and their differences read, and which way is up.
import {percent, points, quantity} from "./format.js";

const titles = {
  top1: "Top-1 accuracy",
  top5: "Top-5 accuracy",
  f1: "F1",
  precision: "Precision",
  recall: "Recall",
  mae: "Mean absolute error",
};

export function metricOf(calibration) {
  const key = calibration?.metric;
  const isError = key === "mae";
  // Agreement with a model is never called accuracy.
  const title = calibration?.labelled === false ? "Agreement with the reference" : titles[key] ?? key ?? "Accuracy";
  return {
    title,
    isError, // the smaller the better, in units of its own; else a share, the larger the better
    unit: isError ? "" : "%",
    show: isError ? quantity : percent,
    difference: isError ? quantity : points,
    scale: isError ? 1 : 100, // to the unit
  };
}
