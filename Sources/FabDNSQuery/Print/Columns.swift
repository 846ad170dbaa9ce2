// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

/// Rows of cells, each column as wide as its widest cell.
struct Columns {
    private var rows: [[String]] = []

    init(heading: [String] = []) { if !heading.isEmpty { rows.append(heading) } }

    mutating func append(_ cells: [String]) { rows.append(cells.map(\.printable)) }

    /// Without spaces at the ends of lines, which are cut where a terminal would break them.
    func text(_ style: Style? = nil) -> String {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                guard column < row.count - 1 else { continue }
                line += String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            while line.last == " " { line.removeLast() }
            return (style?.cut(line) ?? line) + "\n"
        }.joined()
    }
}
