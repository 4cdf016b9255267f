#include "kube/config/credentials.h"

#include <utility>

#include <fmt/format.h>

#include "base/hash.h"
#include "kube/config/exec_credentials.h"
#include "kube/config/token_file.h"

namespace kube {
namespace {

// Nothing, a token or a password that stands in the configuration: never changes.
class FixedCredentials final : public Credentials {
 public:
  explicit FixedCredentials(Identity identity) : identity_(std::move(identity)) {}

  Identity current(base::Clock::time_point /*now*/) override { return identity_; }
  base::Result<void> refresh(base::Clock::time_point /*now*/, base::Clock::time_point /*deadline*/,
                             std::stop_token /*stop*/) override {
    return {};
  }
  void unauthorized(base::Clock::time_point /*started_at*/) override {}
  [[nodiscard]] std::optional<base::Error> problem() const override { return std::nullopt; }

 private:
  const Identity identity_;
};

std::unique_ptr<Credentials> fixed(std::optional<std::string> authorization) {
  Identity identity;
  if (authorization) identity.authorization.emplace(std::move(*authorization));
  return std::make_unique<FixedCredentials>(std::move(identity));
}

struct Maker {
  Environment environment;

  std::unique_ptr<Credentials> operator()(const Anonymous&) { return fixed(std::nullopt); }
  std::unique_ptr<Credentials> operator()(const BearerToken& source) {
    return fixed("Bearer " + source.token.reveal());
  }
  std::unique_ptr<Credentials> operator()(const BasicAuth& source) {
    return fixed("Basic " + base::base64_encode(
                                fmt::format("{}:{}", source.username, source.password.reveal())));
  }
  std::unique_ptr<Credentials> operator()(const BearerTokenFile& source) {
    return std::make_unique<TokenFileCredentials>(source);
  }
  std::unique_ptr<Credentials> operator()(const ExecPlugin& source) {
    return std::make_unique<ExecCredentials>(source, std::move(environment));
  }
};

}  // namespace

std::unique_ptr<Credentials> make_credentials(const CredentialsSource& source,
                                              Environment environment) {
  return std::visit(Maker{std::move(environment)}, source);
}

}  // namespace kube
