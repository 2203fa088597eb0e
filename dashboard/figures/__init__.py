"""One chart a file: plain rows -> `go.Figure`. Units on the axes, intervals shown. No data access, no sentences."""
