class Car < ApplicationRecord
  validates :model, inclusion: { in: %w[o1 o3 sonnet] }
end
