#include "net/exchange.h"

#include <fmt/format.h>

#include "net/pool.h"

namespace net {

void Batch::set(std::size_t index, base::Result<Response> result) {
  const base::MutexLock lock(mutex_);
  results_[index] = std::move(result);
  if (--missing_ == 0) complete_.notify_one();
}

std::vector<base::Result<Response>> Batch::wait() {
  const base::MutexLock lock(mutex_);
  while (missing_ > 0) complete_.wait(mutex_);
  std::vector<base::Result<Response>> results;
  results.reserve(results_.size());
  for (auto& result : results_) results.push_back(*std::move(result));
  return results;
}

Exchange::Exchange(std::string label, Request request, std::shared_ptr<Batch> batch,
                   std::size_t index)
    : Operation(std::move(label)),
      request_(std::move(request)),
      batch_(std::move(batch)),
      index_(index),
      deadline_(base::Clock::now() + request_.timeout) {}

void Exchange::submitted_to(Loop& loop, std::weak_ptr<Pool> pool,
                            std::shared_ptr<ClientCounters> counters) {
  pool_ = std::move(pool);
  tally_.emplace(std::move(counters), &ClientCounters::waiting);
  if (request_.timeout.count() == 0) return;
  timer_ = loop.schedule(deadline_, [weak = weak_from_this(), timeout = request_.timeout] {
    const auto self = weak.lock();
    if (!self) return;
    self->end(
        base::fail(base::Reason::kTimeout, fmt::format("no answer within {} ms", timeout.count())));
  });
}

void Exchange::started(std::shared_ptr<ClientCounters> counters) {
  tally_.emplace(std::move(counters), &ClientCounters::in_flight);
}

void Exchange::on_ended(base::Result<Response> result) {
  timer_.cancel();
  tally_.reset();
  if (!result && maybe_sent_ && request_.method != Method::kGet) {
    // R54: never sent twice; the caller has to look before it acts again.
    result.error().message += "; whether the server has carried it out is not known";
  }
  batch_->set(index_, std::move(result));
  if (const auto pool = pool_.lock())
    pool->release(std::static_pointer_cast<Exchange>(shared_from_this()));
}

}  // namespace net
