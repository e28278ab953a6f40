using FlaskStack.Api;
using FlaskStack.TestApi;

return await ApiApplication.RunAsync(() => TestApiApplication.Build(args));
