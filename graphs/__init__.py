"""What to compute: block specs, parameter grids, data sets and ONNX models."""
