import asyncio

from app.agent import Clerk

if __name__ == "__main__":
    print(asyncio.run(Clerk().run(input("任务: "))))
