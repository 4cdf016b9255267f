#include "tests/runtime/model.h"

#include <fmt/format.h>

namespace runtime::test {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

std::string text(const object::RecordPtr& record) {
  return fmt::format("{}@{}", record->key.name, record->resource_version);
}

std::string text(const std::optional<std::uint64_t>& version) {
  return version ? fmt::format("{}", *version) : "now";
}

std::string text(const List& list) {
  if (!list.continue_token.empty())
    return fmt::format("list after {} limit {}", list.continue_token, list.limit);
  return fmt::format("list {} limit {}", text(list.at_least), list.limit);
}

std::string text(const Watch& watch) {
  return fmt::format("watch {}{} for {}s", text(watch.resource_version),
                     watch.initial_events ? " with initial events" : "", watch.timeout.count());
}

}  // namespace

void ModelStore::take(const Effect& effect) {
  std::visit(Overloaded{
                 [&](const Init& init) {
                   seen_.clear();
                   initialising_ = true;
                   rewound_ = init.rewound;
                 },
                 [&](const InitApply& one) { apply(one.record); },
                 [&](const InitDone&) { finish(); },
                 [&](const Apply& one) { apply(one.record); },
                 [&](const Delete& one) {
                   seen_.erase(one.record->key);
                   records_.erase(one.record->key);
                 },
                 [&](const Synced&) { synced_ = true; },
                 [](const auto&) {},
             },
             effect);
}

void ModelStore::apply(const object::RecordPtr& record) {
  if (initialising_) seen_.insert(record->key);
  auto& held = records_[record->key];
  if (held && !rewound_ && held->resource_version > record->resource_version) return;
  held = record;
}

void ModelStore::finish() {
  std::erase_if(records_, [&](const auto& entry) { return !seen_.contains(entry.first); });
  initialising_ = rewound_ = false;
}

std::set<std::string> ModelStore::content() const {
  std::set<std::string> content;
  for (const auto& [key, record] : records_) content.insert(text(record));
  return content;
}

std::string describe(const Effect& effect, base::Clock::time_point now) {
  return std::visit(
      Overloaded{
          [](const List& list) { return text(list); },
          [](const Watch& watch) { return text(watch); },
          [](const CloseStream&) { return std::string("close"); },
          [&](const SetTimer& timer) {
            const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(timer.at - now);
            return fmt::format("timer +{}ms", wait.count());
          },
          [](const Init& init) { return std::string(init.rewound ? "init rewound" : "init"); },
          [](const InitApply& one) { return "init_apply " + text(one.record); },
          [](const InitDone& done) { return fmt::format("init_done {}", done.resource_version); },
          [](const Apply& one) { return "apply " + text(one.record); },
          [](const Delete& one) { return "delete " + text(one.record); },
          [](const Synced&) { return std::string("synced"); },
          [](const Absent&) { return std::string("absent"); },
          [](const Report& report) {
            return fmt::format("report {} {}", to_string(report.recovery), to_string(report.cause));
          },
      },
      effect);
}

}  // namespace runtime::test
