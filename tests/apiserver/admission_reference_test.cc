// docs/reference/admission.md says which rule is enforced where: as the table of admission does, to
// which each way is held.

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/admission_table.h"
#include "tests/support/places.h"

namespace test {
namespace {

// A row of the page: rule, what holds, a refusal, and how much of it each way enforces.
struct Row {
  std::string refusal;
  std::vector<std::string> enforced;
};

std::string trimmed(const std::string& cell) {
  const auto begin = cell.find_first_not_of(" `");
  const auto end = cell.find_last_not_of(" `");
  return begin == std::string::npos ? std::string() : cell.substr(begin, end - begin + 1);
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream rest(line.substr(1));
  for (std::string cell; std::getline(rest, cell, '|');) cells.push_back(trimmed(cell));
  return cells;
}

std::map<std::string, Row> rows_of_the_page() {
  std::map<std::string, Row> rows;
  std::istringstream page(read_file(in_source("docs/reference/admission.md")));
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `")) continue;
    const auto cells = cells_of(line);
    if (cells.size() != 6) throw std::runtime_error("not six cells: " + line);
    rows[cells[0]] = {.refusal = cells[2], .enforced = {cells[3], cells[4], cells[5]}};
  }
  return rows;
}

using Cases = std::vector<AdmissionCase>;

// The cases in which a rule is broken, by rule.
std::map<std::string, Cases> broken_rules() {
  std::map<std::string, Cases> broken;
  for (auto& each : admission_table()) {
    if (!each.refused.empty()) broken[each.rule].push_back(each);
  }
  return broken;
}

std::string enforced(const Cases& broken, std::string_view way) {
  const auto is_refused = [&](const AdmissionCase& each) { return each.refused.contains(way); };
  if (std::ranges::all_of(broken, is_refused)) return "yes";
  return std::ranges::any_of(broken, is_refused) ? "in part" : "–";
}

bool is_a_refusal(const Cases& broken, const std::string& text) {
  return std::ranges::any_of(broken, [&](const AdmissionCase& each) {
    return std::ranges::any_of(
        each.refused, [&](const auto& way_and_text) { return way_and_text.second == text; });
  });
}

TEST(AdmissionReference, SaysWhichRuleIsEnforcedWhere) {
  auto rows = rows_of_the_page();
  for (const auto& [rule, broken] : broken_rules()) {
    SCOPED_TRACE(rule);
    const auto row = rows.extract(rule);
    ASSERT_FALSE(row.empty()) << "no row";
    EXPECT_EQ(row.mapped().enforced,
              (std::vector{enforced(broken, kBySchema), enforced(broken, kByWebhook),
                           enforced(broken, kByPolicy)}));
    EXPECT_TRUE(is_a_refusal(broken, row.mapped().refusal)) << row.mapped().refusal;
  }
  EXPECT_TRUE(rows.empty()) << "no case breaks " << rows.begin()->first;
}

}  // namespace
}  // namespace test
