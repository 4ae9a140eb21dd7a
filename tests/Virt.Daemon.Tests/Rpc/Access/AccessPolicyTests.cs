using Virt.Daemon.Hosting;
using Virt.Daemon.Rpc;
using Virt.Errors;
using Virt.Rpc;

namespace Virt.Tests.Daemon.Rpc;

/// <summary>Who gets what by the section <c>access</c> of virtd.json.</summary>
public sealed class AccessPolicyTests : IDisposable
{
    private const uint Stranger = 54321;
    private const Access Operator = Access.Read | Access.Control | Access.Console | Access.Agent;
    private const Access Manager = Access.All & ~Access.Admin;

    private readonly string _folder = Directory.CreateTempSubdirectory("virt-access-").FullName;

    private string ConfigPath => Path.Combine(_folder, "virtd.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Without_a_section_whoever_gets_in_may_do_everything_but_administer()
    {
        AccessPolicy policy = Policy("{}");
        Assert.Equal(Access.All, policy.Grant(new UnixIdentity(0), readOnlySocket: false).Access);
        Assert.Equal(Access.All, policy.Grant(new UnixIdentity(UnixCredentials.OwnUserId), readOnlySocket: false).Access);
        Assert.Equal(Manager, policy.Grant(new UnixIdentity(Stranger), readOnlySocket: false).Access);
        Assert.Equal(Manager, policy.Grant(new PasswordIdentity("bob"), readOnlySocket: false).Access);
        Assert.Equal(Access.Read, policy.Grant(new UnixIdentity(0), readOnlySocket: true).Access);
        Assert.Equal(Access.Read, policy.Grant(new UnixIdentity(Stranger), readOnlySocket: true).Access);
    }

    [Fact]
    public void The_first_rule_that_names_a_client_decides()
    {
        AccessPolicy policy = Policy("""
            { "access": {
                "roles": { "starter": ["read", "Control"] },
                "rules": [
                  { "unixUsers": ["54321"], "role": "starter" },
                  { "unixGroups": ["777"], "unixUsers": ["nobody"], "role": "operator" },
                  { "passwordUsers": ["bob", "ci-*"], "role": "viewer" },
                  { "passwordUsers": ["*"], "role": "manager" },
                  { "certificates": ["CN=alice,O=Example"], "role": "admin" },
                  { "certificates": ["CN=*,OU=Operations,O=Example"], "role": "operator" },
                  { "unixUsers": ["54322"], "role": "admin" },
                  { "unixUsers": ["54323"], "role": "none" }
                ],
                "default": "viewer" } }
            """);
        Assert.Equal(Access.Read | Access.Control, Unix(Stranger, 777));
        Assert.Equal(Operator, Unix(1, 5, 777));
        Assert.Equal(Operator, Unix(65534));
        Assert.Equal(Access.Read, Unix(1, 5, 778));
        Assert.Equal(Access.All, Unix(54322));
        Assert.Equal(Access.Handshake, Unix(54323));
        Assert.Equal(Access.Read, Password("bob"));
        Assert.Equal(Access.Read, Password("ci-7"));
        Assert.Equal(Manager, Password("Bob"));
        // A name is a name, not a number, and a group's number is not a user's.
        Assert.Equal(Manager, Password("54321"));
        Assert.Equal(Access.Read, Unix(777));

        // Nor is a certificate's name that of a user, and an escaped comma ends no part of it.
        Assert.Equal(Access.All, Certificate("CN=alice,O=Example"));
        Assert.Equal(Access.Read, Certificate("CN=alice,O=Example2"));
        Assert.Equal(Operator, Certificate("CN=bob,OU=Operations,O=Example"));
        Assert.Equal(Access.Read, Certificate("CN=bob\\,OU=Operations,O=Example"));
        Assert.Equal(Access.Read, Certificate("54321"));

        Assert.Equal(Access.Read, policy.Grant(new UnixIdentity(54322), readOnlySocket: true).Access);
        Assert.Equal(Access.Handshake, policy.Grant(new UnixIdentity(54323), readOnlySocket: true).Access);
        Assert.Equal("the role operator of access.rules[1]", policy.Grant(new UnixIdentity(65534), readOnlySocket: false).Reason);

        Access Unix(uint user, params uint[] groups) => policy.Grant(new UnixIdentity(user) { GroupIds = groups }, readOnlySocket: false).Access;
        Access Certificate(string name) => policy.Grant(new CertificateIdentity(name), readOnlySocket: false).Access;
        Access Password(string user) => policy.Grant(new PasswordIdentity(user), readOnlySocket: false).Access;
    }

    [Fact]
    public void Root_and_the_daemons_user_cannot_be_locked_out_of_the_read_write_socket()
    {
        AccessPolicy policy = Policy("""{ "access": { "rules": [ { "unixUsers": ["root", "0"], "role": "none" } ], "default": "none" } }""");
        Assert.Equal(Access.All, policy.Grant(new UnixIdentity(0), readOnlySocket: false).Access);
        Assert.Equal(Access.Handshake, policy.Grant(new UnixIdentity(Stranger), readOnlySocket: false).Access);
    }

    [Theory]
    [InlineData("""{ "roles": { "x": ["read", "write"] } }""", "access.roles.x names 'write', which is not an access class")]
    [InlineData("""{ "roles": { "admin": ["read"] } }""", "access.roles.admin has the name of a built-in role")]
    [InlineData("""{ "rules": [ { "unixUsers": ["no-such-user-here"], "role": "viewer" } ] }""", "access.rules[0].unixUsers[0]: this host has no user 'no-such-user-here'")]
    [InlineData("""{ "rules": [ { "unixUsers": ["1"], "role": "viewer" }, { "unixGroups": ["1", "no-such-group"], "role": "viewer" } ] }""", "access.rules[1].unixGroups[1]: this host has no group 'no-such-group'")]
    [InlineData("""{ "rules": [ { "unixUsers": ["0"], "role": "boss" } ] }""", "access.rules[0].role 'boss' is not a role")]
    [InlineData("""{ "rules": [ { "unixUsers": ["0"] } ] }""", "access.rules[0].role is missing")]
    [InlineData("""{ "rules": [ { "role": "viewer" } ] }""", "access.rules[0] names nobody")]
    [InlineData("""{ "rules": [ { "passwordUsers": [""], "role": "viewer" } ] }""", "access.rules[0].passwordUsers[0] is empty")]
    [InlineData("""{ "default": "everything" }""", "access.default 'everything' is not a role")]
    [InlineData("""{ "rule": [] }""", "rule")]
    public void A_mistake_names_the_file_and_the_key(string section, string words)
    {
        VirtException error = Assert.Throws<VirtException>(() => Policy($$"""{ "access": {{section}} }"""));
        Assert.Equal(VirtErrorCode.ConfigurationError, error.Code);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains(ConfigPath, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.RecommendedAction);
    }

    [Theory]
    [InlineData("""{ "limits": { "memoryPerClientMiB": 0 } }""", "limits.memoryPerClientMiB is 0")]
    [InlineData("""{ "limits": { "memoryPerClientMiB": 64 } }""", "at least three times limits.frameMiB")]
    [InlineData("""{ "limits": { "frameMiB": 33, "memoryPerClientMiB": 500 } }""", "limits.frameMiB is 33")]
    [InlineData("""{ "limits": { "stallSeconds": -1 } }""", "limits.stallSeconds is -1")]
    [InlineData("""{ "audit": { "file": "audit.log" } }""", "audit.file 'audit.log' is not an absolute path")]
    public void Limits_and_audit_are_checked_too(string config, string words) =>
        Assert.Contains(words, Assert.Throws<VirtException>(() => Policy(config)).Message, StringComparison.Ordinal);

    private AccessPolicy Policy(string config)
    {
        File.WriteAllText(ConfigPath, config);
        return DaemonConfig.Read(ConfigPath, mustExist: true).Access.Policy(ConfigPath);
    }
}
