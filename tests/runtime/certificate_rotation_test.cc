// When new certificates are made: each rule alone, then years of them among callers and replicas
// that learn late.

#include "runtime/certificate_rotation.h"

#include <algorithm>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace runtime {

std::ostream& operator<<(std::ostream& out, Renewal renewal) {
  return out << to_string(renewal);
}

namespace {

using base::WallClock;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const WallClock::time_point kNow{days(20000)};
const RotationOptions kYearly{};

HeldCertificate made(WallClock::duration ago, WallClock::duration lifetime) {
  return {.not_before = kNow - ago - kBackdated, .not_after = kNow - ago + lifetime};
}

// An authority of 10 days ago, and its certificate of 5 days ago.
HeldCertificates healthy() {
  return {.authorities = {made(days(10), days(365))},
          .can_sign = true,
          .serving = HeldServing{
              .certificate = made(days(5), days(90)), .signed_by = 0, .has_names = true}};
}

// A new authority, and the earlier one that signed what is served.
HeldCertificates between_authorities() {
  auto held = healthy();
  held.authorities.insert(held.authorities.begin(), made(minutes(5), days(365)));
  held.serving->signed_by = 1;
  return held;
}

struct Case {
  std::string name;
  HeldCertificates held;
  std::optional<base::Clock::duration> trusted_for;
  Renewal due;
};

template <class Change>
HeldCertificates changed(HeldCertificates held, Change change) {
  change(held);
  return held;
}

std::vector<Case> cases() {
  constexpr minutes kLong{10};
  const auto of = [](auto change) { return changed(healthy(), change); };
  const auto between = [](auto change) { return changed(between_authorities(), change); };
  return {
      {"all is well", healthy(), kLong, Renewal::kNone},
      {"nothing is there", {}, std::nullopt, Renewal::kAll},

      {"nothing is served", of([](auto& held) { held.serving.reset(); }), std::nullopt,
       Renewal::kServing},
      {"nothing is served, and the authority lost its key", of([](auto& held) {
         held.serving.reset();
         held.can_sign = false;
       }),
       kLong, Renewal::kAll},
      {"nothing is served, and the authority has ended", of([](auto& held) {
         held.serving.reset();
         held.authorities[0] = made(days(400), days(365));
       }),
       kLong, Renewal::kAll},
      {"what is served has ended",
       of([](auto& held) { held.serving->certificate = made(days(90), days(90)); }), kLong,
       Renewal::kServing},
      {"what is served is not valid yet: the clock went back",
       of([](auto& held) { held.serving->certificate = made(-hours(2), days(90)); }), kLong,
       Renewal::kServing},
      {"what is served is nobody's", of([](auto& held) { held.serving->signed_by.reset(); }), kLong,
       Renewal::kServing},

      {"just before two thirds of its life",
       of([](auto& held) { held.serving->certificate = made(days(60) - seconds(1), days(90)); }),
       kLong, Renewal::kNone},
      {"after two thirds of its life",
       of([](auto& held) { held.serving->certificate = made(days(60), days(90)); }), kLong,
       Renewal::kServing},
      {"after two thirds of its life, whatever callers are known to have",
       of([](auto& held) { held.serving->certificate = made(days(60), days(90)); }), std::nullopt,
       Renewal::kServing},
      {"a name is lacking", of([](auto& held) { held.serving->has_names = false; }), kLong,
       Renewal::kServing},

      {"the authority just outlives a new certificate",
       of([](auto& held) { held.authorities[0] = made(days(275), days(365)); }), kLong,
       Renewal::kNone},
      {"the authority does not outlive a new certificate",
       of([](auto& held) { held.authorities[0] = made(days(275) + seconds(1), days(365)); }), kLong,
       Renewal::kAuthority},
      {"the authority has ended",
       of([](auto& held) { held.authorities[0] = made(days(400), days(365)); }), kLong,
       Renewal::kAuthority},
      {"the authority lost its key", of([](auto& held) { held.can_sign = false; }), std::nullopt,
       Renewal::kAuthority},
      {"the authority lost its key, and some replica may serve an earlier one's certificate",
       of([](auto& held) {
         held.can_sign = false;
         held.serving->certificate = made(seconds(59), days(90));
       }),
       kLong, Renewal::kNone},
      {"the authority lost its key, and no replica serves an earlier one's any more",
       of([](auto& held) {
         held.can_sign = false;
         held.serving->certificate = made(seconds(60), days(90));
       }),
       kLong, Renewal::kAuthority},
      {"a name is lacking while the authority is about to be replaced", of([](auto& held) {
         held.authorities[0] = made(days(300), days(365));
         held.serving->certificate = made(seconds(59), days(90));
         held.serving->has_names = false;
       }),
       kLong, Renewal::kServing},

      {"the new authority is not known to be trusted", between_authorities(), std::nullopt,
       Renewal::kNone},
      {"the new authority is not trusted for long enough", between_authorities(), seconds(59),
       Renewal::kNone},
      {"the new authority is trusted", between_authorities(), seconds(60), Renewal::kServing},
      {"the new authority is not trusted, and what is served has ended",
       between([](auto& held) { held.serving->certificate = made(days(91), days(90)); }),
       std::nullopt, Renewal::kServing},
      {"the new authority lost its key before it signed",
       between([](auto& held) { held.can_sign = false; }), kLong, Renewal::kAuthority},
  };
}

TEST(CertificateRotation, SaysWhatIsDue) {
  for (const auto& [name, held, trusted_for, expected] : cases()) {
    EXPECT_EQ(due(held, kNow, trusted_for, kYearly), expected) << name;
  }
}

// --- years of it ---------------------------------------------------------------------------------

// A certificate of the model is its authority's number and its times.
struct Issued {
  int authority = 0;
  HeldCertificate certificate;
};

struct Secret {
  std::vector<Issued> bundle;
  bool can_sign = false;
  std::optional<Issued> serving;
};

// Somebody who learns of a change up to `settle` late.
template <class Known>
struct Late {
  Known known;
  seconds reads_again{0};
};

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {}

  // One second. What the leader does is written at once, and read by the others when they come to.
  void tick() {
    now_ += seconds(1);
    disturb();
    if (now_ % kPoll == seconds(0)) lead();
    read();
  }
  [[nodiscard]] seconds now() const { return now_; }
  [[nodiscard]] int authorities() const { return last_authority_; }
  [[nodiscard]] std::size_t bundle_size() const { return secret_.bundle.size(); }

  // Every replica serves what every caller trusts.
  [[nodiscard]] bool all_calls_succeed() const {
    return std::ranges::all_of(served_, [&](const auto& replica) {
      return std::ranges::all_of(
          trusted_, [&](const auto& caller) { return accepts(caller.known, *replica.known); });
    });
  }

  // A third of a certificate's life, in which it is renewed, is long against `settle`, also where
  // that begins anew with another leader.
  static constexpr RotationOptions kOptions{.authority_lifetime = seconds(5000),
                                            .serving_lifetime = seconds(1500),
                                            .settle = seconds(60)};

 private:
  static constexpr seconds kPoll{10};

  [[nodiscard]] WallClock::time_point wall() const { return kNow + now_; }
  [[nodiscard]] bool accepts(const std::vector<Issued>& bundle, const Issued& served) const {
    const bool known = std::ranges::any_of(bundle, [&](const Issued& authority) {
      return authority.authority == served.authority && wall() < authority.certificate.not_after;
    });
    return known && wall() < served.certificate.not_after;
  }
  [[nodiscard]] bool once_in(int times) {
    return std::uniform_int_distribution(1, times)(random_) == 1;
  }

  // A person takes the authority's key away, or adds a name; another replica begins to lead.
  void disturb() {
    if (once_in(400)) secret_.can_sign = false;
    if (once_in(300)) has_names_ = false;
    if (once_in(200)) trusted_since_.reset();
  }

  void lead() {
    switch (due(held(), wall(), trusted_for(), kOptions)) {
      case Renewal::kNone:
        break;
      case Renewal::kServing:
        serve();
        break;
      case Renewal::kAuthority:
        put_first(keep_signer());
        break;
      case Renewal::kAll:
        put_first({});
        serve();
        break;
    }
    if (!trusted_since_) trusted_since_ = now_;
  }

  [[nodiscard]] std::optional<base::Clock::duration> trusted_for() const {
    if (!trusted_since_) return std::nullopt;
    return now_ - *trusted_since_;
  }

  [[nodiscard]] HeldCertificates held() const {
    HeldCertificates held{.authorities = {}, .can_sign = secret_.can_sign, .serving = {}};
    for (const auto& authority : secret_.bundle) held.authorities.push_back(authority.certificate);
    if (!secret_.serving) return held;
    held.serving = HeldServing{.certificate = secret_.serving->certificate,
                               .signed_by = std::nullopt,
                               .has_names = has_names_};
    for (std::size_t i = 0; i < secret_.bundle.size(); ++i) {
      if (secret_.bundle[i].authority == secret_.serving->authority) held.serving->signed_by = i;
    }
    return held;
  }

  [[nodiscard]] HeldCertificate lasting(seconds lifetime) const {
    return {.not_before = wall() - kBackdated, .not_after = wall() + lifetime};
  }
  [[nodiscard]] std::vector<Issued> keep_signer() const {
    std::vector<Issued> kept = secret_.bundle;
    std::erase_if(kept, [&](const Issued& authority) {
      return authority.authority != secret_.serving->authority;
    });
    return kept;
  }
  void put_first(std::vector<Issued> others) {
    others.insert(others.begin(), {++last_authority_, lasting(kOptions.authority_lifetime)});
    secret_.bundle = std::move(others);
    secret_.can_sign = true;
    trusted_since_ = now_;
  }
  void serve() {
    secret_.serving = Issued{secret_.bundle.front().authority, lasting(kOptions.serving_lifetime)};
    has_names_ = true;
  }

  void read() {
    for (auto& replica : served_) read(replica, secret_.serving);
    for (auto& caller : trusted_) read(caller, secret_.bundle);
  }
  template <class Known>
  void read(Late<Known>& reader, const Known& truth) {
    if (now_ < reader.reads_again) return;
    reader.known = truth;
    reader.reads_again = now_ + seconds(std::uniform_int_distribution(1, 59)(random_));
  }

  std::mt19937 random_;
  seconds now_{0};
  Secret secret_;
  bool has_names_ = true;
  int last_authority_ = 0;
  std::optional<seconds> trusted_since_;
  std::vector<Late<std::optional<Issued>>> served_{3};
  std::vector<Late<std::vector<Issued>>> trusted_{2};
};

TEST(CertificateRotation, NeverServesWhatACallerDoesNotTrust) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    World world(seed);
    // Until everybody has read what was made first.
    while (world.now() < seconds(120)) world.tick();
    while (world.now() < seconds(50000)) {
      world.tick();
      ASSERT_TRUE(world.all_calls_succeed())
          << "seed " << seed << ", second " << world.now().count();
      ASSERT_LE(world.bundle_size(), 2U);
    }
    EXPECT_GT(world.authorities(), 20) << "seed " << seed;
  }
}

}  // namespace
}  // namespace runtime
