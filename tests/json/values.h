#pragma once
// Any JSON value, for properties. Keys are few, so that paths meet.

#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <rapidcheck.h>

namespace json::test {

// Text with what JSON escapes, and characters of one to four bytes.
inline rc::Gen<std::string> any_text() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
          "a", "~", "/", "\"", "\\", "\n", "\x01", "ä", "€", "😀", std::string(1, '\0'))),
      [](const std::vector<std::string>& characters) {
        std::string text;
        for (const auto& character : characters) text += character;
        return text;
      });
}

inline rc::Gen<std::string> any_key() {
  return rc::gen::weightedOneOf<std::string>(
      {{4, rc::gen::element<std::string>("a", "b", "c")}, {1, any_text()}});
}

inline rc::Gen<boost::json::value> any_scalar() {
  using boost::json::value;
  return rc::gen::oneOf(
      rc::gen::just(value(nullptr)),
      rc::gen::map(rc::gen::arbitrary<bool>(), [](bool flag) { return value(flag); }),
      rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](auto number) { return value(number); }),
      rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](auto number) { return value(number); }),
      rc::gen::map(rc::gen::arbitrary<double>(), [](double number) { return value(number); }),
      rc::gen::map(any_text(), [](const std::string& text) { return value(text); }));
}

// Containers nest at most `depth` deep.
inline rc::Gen<boost::json::value> any_value(int depth = 3) {
  using boost::json::value;
  if (depth == 0) return any_scalar();
  const auto inner = rc::gen::lazy([depth] { return any_value(depth - 1); });
  return rc::gen::weightedOneOf<value>(
      {{1, any_scalar()},
       {2, rc::gen::map(rc::gen::scale(0.2, rc::gen::container<std::vector<value>>(inner)),
                        [](const std::vector<value>& elements) {
                          return value(boost::json::array(elements.begin(), elements.end()));
                        })},
       {3, rc::gen::map(
               rc::gen::scale(0.2, rc::gen::container<std::vector<std::pair<std::string, value>>>(
                                       rc::gen::pair(any_key(), inner))),
               [](const std::vector<std::pair<std::string, value>>& members) {
                 boost::json::object object;
                 for (const auto& [key, member] : members) object[key] = member;
                 return value(std::move(object));
               })}});
}

}  // namespace json::test
