#pragma once
// A folder of its own for a test, and certificates made on the spot.

#include <string>
#include <string_view>

namespace kube::test {

// Removed with everything in it.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  [[nodiscard]] std::string path(std::string_view name) const;
  // Creates or replaces a file; returns its path.
  std::string write(std::string_view name, std::string_view content) const;
  // An executable shell script.
  std::string script(std::string_view name, std::string_view body) const;
  void remove(std::string_view name) const;
  [[nodiscard]] std::string read(std::string_view name) const;

 private:
  std::string folder_;
};

struct KeyPair {
  std::string certificate_pem;
  std::string key_pem;
};

// Self-signed, each time another key.
KeyPair make_key_pair();

}  // namespace kube::test
