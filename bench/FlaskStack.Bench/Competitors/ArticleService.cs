namespace FlaskStack.Bench.Competitors;

/// <summary>The article's Flask application, with two paths more that the bench asks.</summary>
internal static class ArticleService
{
    /// <summary>Writes <c>wsgi.py</c> and <c>api.py</c>.</summary>
    public static void Write(Ground ground)
    {
        ground.Write("api.py", """
            def server_api(data):
                return data
            """);
        ground.Write("wsgi.py", """
            import os
            import time

            import api
            from flask import Flask, request

            app = Flask(__name__)


            @app.route("/")
            def hello():
                return "Hello World!"


            @app.route("/server", methods=["POST"])
            def server():
                return api.server_api(request.get_json()["data"])


            @app.route("/wait")
            def wait():
                time.sleep(int(request.args["ms"]) / 1000)
                return "waited"


            @app.route("/process")
            def process():
                return str(os.getpid())


            if __name__ == "__main__":
                app.run()
            """);
    }
}
